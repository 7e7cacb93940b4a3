/** A systemd unit for one desk. No secret stands in it: the daemon reads the desk's `.env.qoc` itself. */
import { type ServicePlace, servicePath, stopSeconds } from "./place.ts";

/** Longer paths than this do not fit a socket below the desk (`sun_path`). */
const DESK_SOCKET_BYTES_MAX = 103;

export function systemdUnit(place: ServicePlace, forUser: boolean): string {
  const { name, dir, node, qoc, user } = place;
  const file = `qoc-${name}.service`;
  const folder = forUser ? "~/.config/systemd/user" : "/etc/systemd/system";
  const systemctl = forUser ? "systemctl --user" : "systemctl";
  const lines = [
    `# qoc for the desk ${name}. Put this into ${folder}/${file}, then:`,
    `#   ${systemctl} daemon-reload && ${systemctl} enable --now ${file}`,
    ...(forUser ? [`# It runs while you are logged in; "loginctl enable-linger" keeps it running.`] : []),
    "[Unit]",
    `Description=qoc for the desk ${name}`,
    ...(forUser ? [] : ["After=network.target"]),
    "",
    "[Service]",
    "Type=exec",
    ...(forUser ? [] : [`User=${unspecified(user)}`]),
    `WorkingDirectory=${unspecified(dir)}`,
    `ExecStart=${[node, qoc, "up", dir].map((word, i) => (i === 0 ? quoted(word) : argument(word))).join(" ")}`,
    "ExecReload=/bin/kill -HUP $MAINPID",
    "# A wrong configuration does not mend itself: 64, 65, 66, 77 and 78 are left for a person.",
    "Restart=on-failure",
    "RestartSec=2",
    "RestartPreventExitStatus=64 65 66 77 78",
    "# The daemon ends its agents itself, within its drain time; what is left behind that is killed.",
    "KillMode=mixed",
    `TimeoutStopSec=${stopSeconds(place)}`,
    "",
    `Environment=${quoted(`PATH=${servicePath(place)}`)}`,
    "UMask=0077",
    "NoNewPrivileges=true",
    "PrivateTmp=true",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "# The desk, and nothing else. What an agent or a connector of yours writes elsewhere needs a line of its own.",
    `ReadWritePaths=${quoted(dir)}`,
    ...runtimeFolder(dir, forUser),
    "",
    "[Install]",
    `WantedBy=${forUser ? "default.target" : "multi-user.target"}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The control socket lies in the user's runtime folder, or below the desk, or, where that path is too long, in one made for it. */
function runtimeFolder(dir: string, forUser: boolean): readonly string[] {
  const folder = ["RuntimeDirectory=qoc", "RuntimeDirectoryMode=0700", "RuntimeDirectoryPreserve=yes"];
  if (forUser) return ["# The control socket's folder, shared by the desks of one user.", ...folder];
  if (Buffer.byteLength(`${dir}/.qoc/control.sock`) <= DESK_SOCKET_BYTES_MAX) return [];
  return ["# The desk's path is too long for a socket below it.", ...folder, "Environment=XDG_RUNTIME_DIR=/run"];
}

/** systemd.unit(5): `%` begins a specifier. */
const unspecified = (text: string): string => text.replaceAll("%", "%%");
/** systemd.syntax(7): within double quotes, C-style escapes. */
const quoted = (text: string): string =>
  `"${unspecified(text)
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)}"`;
/** systemd.service(5): in what follows the program, `$` begins a variable. */
const argument = (text: string): string => quoted(text.replaceAll("$", "$$$$"));
