/**
 * Snippets that put `/webhook/` of the ingress behind a proxy, and nothing else: never the console, and no body is changed on the way,
 * because a signature covers its bytes.
 */
import type { ProxyPlace } from "./place.ts";

const MIB = 1024 * 1024;
/** Both proxies count in MiB when they are told M or MiB. */
const mebibytes = (bytes: number): number => Math.max(1, Math.ceil(bytes / MIB));

const RATE = `Failed signatures are limited by address, and behind a proxy all come from one: a flood of them shuts out no valid delivery.`;

export function caddySnippet({ name, host, ingress, body_bytes }: ProxyPlace): string {
  return `# qoc for the desk ${name}, in a Caddyfile. ${RATE}
${host} {
	# Webhooks alone. The console has no place here: whoever reaches it sees what the desk does.
	handle /webhook/* {
		# As much as the largest body_limit of the desk; the daemon holds each webhook to its own.
		request_body {
			max_size ${mebibytes(body_bytes)}MiB
		}
		# Path, Host and body go on as they came: a signature covers them. No rewrite, no encode.
		reverse_proxy ${ingress}
	}
	handle {
		respond 404
	}
}
`;
}

export function nginxSnippet({ name, host, ingress, body_bytes }: ProxyPlace): string {
  return `# qoc for the desk ${name}, in the http block of nginx. ${RATE}
server {
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name ${host};
    # ssl_certificate and ssl_certificate_key: yours.

    # As much as the largest body_limit of the desk; the daemon holds each webhook to its own.
    client_max_body_size ${mebibytes(body_bytes)}m;

    # Webhooks alone. The console has no place here: whoever reaches it sees what the desk does.
    location /webhook/ {
        # No path behind the port: nginx would send another one than it got, and signatures cover it.
        proxy_pass http://${ingress};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        # The body goes on as it arrives and as it is: the daemon has the limits and the time-outs.
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 30s;
    }

    location / {
        return 404;
    }
}
`;
}

export function cloudflaredSnippet({ name, host, ingress }: ProxyPlace): string {
  return `# qoc for the desk ${name}, in cloudflared's config.yml below your tunnel and its credentials-file. ${RATE}
ingress:
  # Webhooks alone. The console has no place here: whoever reaches it sees what the desk does.
  - hostname: ${host}
    path: ^/webhook/
    service: http://${ingress}
  - service: http_status:404
`;
}

export function tailscaleSnippet({ name, ingress }: Omit<ProxyPlace, "host">): string {
  return `# qoc for the desk ${name}, to the internet through Tailscale Funnel. ${RATE}
# Webhooks alone: tailscale takes the path away and the target puts it back. Never "serve" or "funnel" the console's port.
tailscale funnel --bg --set-path /webhook http://${ingress}/webhook
`;
}
