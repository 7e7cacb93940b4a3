/** For rolldown: the platform of a browser in the place of Node's, so that a page verifies and signs with the library's own code. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "rolldown";

const folder = path.dirname(fileURLToPath(import.meta.url));
const browserPlatform = path.join(folder, "platform.ts");
const nodePlatform = path.join(folder, "..", "platform.ts");

export const withBrowserPlatform: Plugin = {
  name: "platform of a browser",
  resolveId: (source, importer) =>
    importer !== undefined && path.resolve(path.dirname(importer), source) === nodePlatform ? browserPlatform : null,
};
