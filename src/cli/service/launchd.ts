/** A launchd property list for one desk. No secret stands in it: the daemon reads the desk's `.env.qoc` itself. */
import { type ServicePlace, servicePath, stopSeconds } from "./place.ts";

const UMASK = 0o077;

export function launchdList(place: ServicePlace, forUser: boolean): string {
  const { name, dir, node, qoc, user } = place;
  const label = `qoc.${name}`;
  const folder = forUser ? "~/Library/LaunchAgents" : "/Library/LaunchDaemons";
  const domain = forUser ? "gui/$(id -u)" : "system";
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- qoc for one desk. Put this into ${folder} as its Label and .plist, then: launchctl bootstrap ${domain} and that path. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  ${text(label)}
  <key>ProgramArguments</key>
  <array>
    ${[node, qoc, "up", dir].map(text).join("\n    ")}
  </array>
${forUser ? "" : `  <key>UserName</key>\n  ${text(user)}\n`}  <key>WorkingDirectory</key>
  ${text(dir)}
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    ${text(servicePath(place))}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>${stopSeconds(place)}</integer>
  <key>Umask</key>
  <integer>${UMASK}</integer>
  <key>StandardErrorPath</key>
  ${text(`${dir}/.qoc/log/launchd.log`)}
</dict>
</plist>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const text = (value: string): string =>
  `<string>${value.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? "")}</string>`;
