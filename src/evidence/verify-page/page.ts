/** The offline page: files in, a verdict out, and nothing leaves it. */
import { inLogOrder, policyOf, sortInput, type Input, type Role, type Sorted } from "./inputs.ts";
import { judge } from "./judged.ts";
import { hasEd25519, settled } from "./questions.ts";
import { showInputs, showTrouble, showVerdict } from "./view.ts";

const UNABLE =
  "This browser cannot check Ed25519 signatures (WebCrypto), so nothing was verified. Browsers of 2025 and later can, from a file on the disk too.";

const UNCOUNTABLE = "Witnesses asked for is no whole number, so nothing was verified.";

const part = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
};

const typed = (id: string): string => {
  const field = part(id);
  return field instanceof HTMLInputElement ? field.value.trim() : "";
};

let sorted: readonly Sorted[] = [];
/** Of two verdicts that are being made the later one is shown. */
let latest = 0;

function change(at: number, role: Role | undefined): void {
  sorted = sorted.flatMap((one, other) => (other !== at ? one : role === undefined ? [] : { ...one, role }));
  void refresh();
}

async function refresh(): Promise<void> {
  latest += 1;
  const turn = latest;
  const into = part("verdict");
  into.setAttribute("aria-busy", "true");
  showInputs(part("inputs"), sorted, change);
  const show = await made(into).catch((thrown: unknown) => () => {
    showTrouble(into, thrown instanceof Error ? thrown.message : String(thrown));
  });
  if (turn !== latest) return;
  show();
  into.setAttribute("aria-busy", "false");
}

/** What to show of the files that there are. */
async function made(into: HTMLElement): Promise<() => void> {
  const subject = sorted.findLast(({ role }) => role === "envelope or pack")?.input;
  if (subject === undefined) return () => into.replaceChildren();
  const witnessesMin = typed("least");
  if (!/^\d*$/.test(witnessesMin)) return () => showTrouble(into, UNCOUNTABLE);
  const policy = policyOf(sorted, { origin: typed("origin"), witnessesMin });
  if (!(await hasEd25519())) return () => showTrouble(into, UNABLE);
  const judged = await settled(() => judge(subject.bytes, policy));
  return () => showVerdict(into, judged, subject.name);
}

function take(inputs: readonly Input[]): Promise<void> {
  sorted = [...sorted, ...inLogOrder(inputs.map(sortInput))];
  return refresh();
}

const read = async (files: Iterable<File>): Promise<void> =>
  take(
    await Promise.all(
      [...files].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    ),
  );

function start(): void {
  const files = part("files");
  files.addEventListener("change", () => {
    if (files instanceof HTMLInputElement) void read(files.files ?? []).then(() => (files.value = ""));
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    void read(event.dataTransfer?.files ?? []);
  });
  for (const id of ["origin", "least"]) part(id).addEventListener("change", () => void refresh());
  part("paste").addEventListener("submit", (event) => {
    event.preventDefault();
    const box = part("pasted");
    if (!(box instanceof HTMLTextAreaElement) || box.value === "") return;
    void take([{ name: "pasted text", bytes: new TextEncoder().encode(box.value) }]);
    box.value = "";
  });
}

start();
