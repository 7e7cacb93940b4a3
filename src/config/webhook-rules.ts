/** Rules between the keys of one webhook, and between webhooks. */
import type { TomlTable } from "smol-toml";
import { forms } from "./forms.ts";
import { isTable } from "./layers.ts";
import { aboutValue, type Finding } from "./problem.ts";
import { schemeContradictions } from "./scheme-rules.ts";
import { isSenderName, readsMap, signsUrl } from "./senders.ts";
import type { Path } from "./toml-locator.ts";

export const webhookContradictions = (webhook: TomlTable, path: Path): readonly Finding[] => [
  ...taskWithRun(webhook, path),
  ...timeoutWithRun(webhook, path),
  ...pathWithDedupe(webhook, path),
  ...idWithDedupe(webhook, path),
  ...urlWithSender(webhook, path),
  ...fragmentWithSender(webhook, path),
  ...mapWithSender(webhook, path),
  ...schemeWithSender(webhook, path),
  ...(isTable(webhook["scheme"]) ? schemeContradictions(webhook["scheme"], [...path, "scheme"]) : []),
];

function timeoutWithRun({ action, timeout_minutes }: TomlTable, path: Path): readonly Finding[] {
  if (action !== "inbox" || timeout_minutes === undefined) return [];
  return [aboutValue([...path, "timeout_minutes"], 'must be left out with action = "inbox"')];
}

function taskWithRun({ action, task }: TomlTable, path: Path): readonly Finding[] {
  if (action === "run" && task === undefined) return [aboutValue([...path, "task"], 'is required with action = "run"')];
  if (action === "inbox" && task !== undefined)
    return [aboutValue([...path, "task"], 'must be left out with action = "inbox"')];
  return [];
}

function pathWithDedupe({ dedupe, dedupe_path }: TomlTable, path: Path): readonly Finding[] {
  const key = [...path, "dedupe_path"];
  if (dedupe === "path" && dedupe_path === undefined) return [aboutValue(key, 'is required with dedupe = "path"')];
  if (dedupe !== "path" && dedupe_path !== undefined)
    return [aboutValue(key, 'must be left out unless dedupe = "path"')];
  return [];
}

/** Of a preset it is known whether it has ids; where it has none, its bytes are its id. */
function idWithDedupe({ provider, dedupe, scheme, map }: TomlTable, path: Path): readonly Finding[] {
  if (provider !== "custom" || dedupe !== "id+body" || !isTable(scheme)) return [];
  const ids = [scheme["id_header"], scheme["signed_id_header"], isTable(map) ? map["id"] : undefined];
  if (ids.some((id) => id !== undefined)) return [];
  return [aboutValue([...path, "dedupe"], "needs an id: map.id, or in [webhook.scheme] id_header", '"body"')];
}

function urlWithSender({ provider, public_url }: TomlTable, path: Path): readonly Finding[] {
  if (!isSenderName(provider) || !signsUrl(provider) || public_url !== undefined) return [];
  return [
    aboutValue([...path, "public_url"], `is required with provider = "${provider}", which signs the URL it calls`),
  ];
}

/** A fragment reaches no server. Twilio reads it before it calls, and may sign it. */
function fragmentWithSender({ provider = "qoc", public_url }: TomlTable, path: Path): readonly Finding[] {
  if (typeof public_url !== "string" || !forms.url.pattern.test(public_url)) return [];
  const [url = "", fragment] = public_url.split("#", 2);
  if (fragment === undefined || !isSenderName(provider) || signsUrl(provider)) return [];
  const says = "must end before its #, which tells Twilio how to call and no other sender anything";
  return [aboutValue([...path, "public_url"], says, JSON.stringify(url))];
}

function mapWithSender({ provider, map }: TomlTable, path: Path): readonly Finding[] {
  if (!isSenderName(provider) || readsMap(provider) || map === undefined) return [];
  const says = `must be left out with provider = "${provider}", which knows where its facts stand`;
  return [aboutValue([...path, "map"], says)];
}

function schemeWithSender({ provider = "qoc", scheme }: TomlTable, path: Path): readonly Finding[] {
  const key = [...path, "scheme"];
  if (provider === "custom" && scheme === undefined)
    return [aboutValue(key, 'is required with provider = "custom": a table that says how the sender signs')];
  if (provider !== "custom" && isSenderName(provider) && scheme !== undefined)
    return [aboutValue(key, 'must be left out unless provider = "custom"')];
  return [];
}

export function webhookNamesOnce(webhooks: readonly TomlTable[]): readonly Finding[] {
  const names = webhooks.map(({ name }) => name);
  return names.flatMap((name, i) => {
    const first = names.indexOf(name);
    if (name === undefined || first === i) return [];
    return [aboutValue(["webhook", i, "name"], `is already the name of webhook[${first}]`)];
  });
}
