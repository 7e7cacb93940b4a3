import { createServer } from "node:net";
import { type Endpoint, endpointText } from "../config/forms.ts";

/** The endpoint itself while nobody has it, else one that the system chooses, and a note that says so. */
export async function freeEndpoint(wanted: Endpoint, note: (text: string) => void): Promise<string> {
  if (await isFree(wanted)) return endpointText(wanted);
  const other = endpointText({ host: wanted.host, port: 0 });
  note(`Port ${wanted.port} is taken by another program: another port is used.`);
  return other;
}

function isFree({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host, port }, () => probe.close(() => resolve(true)));
  });
}
