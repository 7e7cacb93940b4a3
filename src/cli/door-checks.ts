/** An outside look at the daemon's doors: what a foreign page or a stranger's request would be answered, tried for real on this machine. */
import { request } from "node:http";
import { isLoopback } from "../config/forms.ts";
import type { DaemonFile } from "../http/control-address.ts";
import { type Check, good, warning, wrong } from "./check.ts";

const ANSWER_MS_MAX = 3_000;
const STRANGER = "attacker.example";

/** Undefined when nothing answered in time. */
export type Knock = (
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
) => Promise<number | undefined>;

export async function doorChecks(
  { ingress, console }: Pick<DaemonFile, "ingress" | "console">,
  knock: Knock = knockAt,
): Promise<readonly Check[]> {
  return [
    ...(ingress === null ? [] : [reachOfIngress(ingress), await ingressServes(ingress, knock)]),
    ...(console === null ? [good("console", "off")] : [reachOfConsole(console), await consoleRefuses(console, knock)]),
  ];
}

function reachOfIngress(url: string): Check {
  const { hostname } = new URL(url);
  if (isLoopback(hostname)) return good("ingress address", `${url}, this machine alone`);
  return warning(
    "ingress address",
    `${url} is reached from other machines, without TLS: signatures hold, and whoever is on the way reads along`,
    'ingress = "127.0.0.1:7430" and a proxy in front: qoc service caddy --host hooks.example.com',
  );
}

function reachOfConsole(url: string): Check {
  const { hostname } = new URL(url);
  if (isLoopback(hostname)) return good("console address", `${url}, this machine alone`);
  return wrong(
    "console address",
    `${url} is reached from other machines, without TLS: tokens and payloads are read on the way`,
    'console = "127.0.0.1:7431", and ssh -L 7431:127.0.0.1:7431 from elsewhere',
  );
}

/** What only the console may answer, asked of the door that may face the internet. */
const NOT_OF_INGRESS = ["/", "/api/status", "/api/runs", "/metrics", "/inspect", "/openapi.json"];

async function ingressServes(url: string, knock: Knock): Promise<Check> {
  const answers = await Promise.all(NOT_OF_INGRESS.map((path) => knock(url, path, {})));
  const open = NOT_OF_INGRESS.filter((_, i) => answers[i] !== 404 && answers[i] !== undefined);
  if (open.length > 0)
    return wrong(
      "ingress",
      `${url} answers ${open.join(", ")}, which no ingress has: what listens there?`,
      "qoc status",
    );
  if (answers.includes(undefined)) return warning("ingress", `${url} did not answer`, "qoc ready");
  return good("ingress", "webhooks and /healthz, nothing else");
}

async function consoleRefuses(url: string, knock: Knock): Promise<Check> {
  const { host } = new URL(url);
  const tries = [
    { says: "a foreign Host (DNS rebinding)", path: "/healthz", headers: { host: STRANGER }, status: 421 },
    { says: "a foreign Origin", path: "/healthz", headers: { host, origin: `https://${STRANGER}` }, status: 403 },
    { says: "another site's page", path: "/healthz", headers: { host, "sec-fetch-site": "cross-site" }, status: 403 },
    { says: "a request without a token", path: "/api/status", headers: { host }, status: 401 },
    {
      says: "a wrong token",
      path: "/api/status",
      headers: { host, authorization: "Bearer qoc-doctor" },
      status: 401,
    },
  ];
  const answers = await Promise.all(tries.map(({ path, headers }) => knock(url, path, headers)));
  if (answers.includes(undefined)) return warning("console", `${url} did not answer`, "qoc ready");
  const wrongs = tries.flatMap(({ says, status }, i) =>
    answers[i] === status ? [] : [`${says} got ${answers[i]} and not ${status}`],
  );
  if (wrongs.length > 0)
    return wrong("console", `${url}: ${wrongs.join("; ")}`, "qoc stop, and see what listens there");
  return good("console", `refuses ${tries.map(({ says }) => says).join(", ")}`);
}

function knockAt(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  // What listens on every address is asked on this machine's own.
  const host =
    hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "[::]" ? "::1" : hostname.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve) => {
    const asked = request(
      { host, port, path, headers, agent: false, signal: AbortSignal.timeout(ANSWER_MS_MAX) },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}
