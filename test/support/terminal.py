"""Runs a command on a terminal of its own. stdin: JSON {argv, env, dialogue: [[prompt, answer]]}; stdout: JSON {exit, screen}."""
import json, os, pty, select, signal, sys, time

SECONDS_MAX = 30
given = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe(given["argv"][0], given["argv"], given["env"])

screen, looked, dialogue = b"", 0, list(given["dialogue"])
until = time.monotonic() + SECONDS_MAX
while time.monotonic() < until:
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if ready:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        screen += chunk
    if dialogue and (at := screen.find(dialogue[0][0].encode(), looked)) >= 0:
        looked = at + len(dialogue[0][0].encode())
        os.write(terminal, dialogue.pop(0)[1].encode())
else:
    os.kill(pid, signal.SIGKILL)

_, status = os.waitpid(pid, 0)
json.dump({"exit": os.waitstatus_to_exitcode(status), "screen": screen.decode("utf-8", "replace"), "unasked": len(dialogue)}, sys.stdout)
