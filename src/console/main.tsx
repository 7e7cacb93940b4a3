/** The console's page begins here. */
import { render } from "preact";
import { onKey } from "./keys.ts";
import { takeCode } from "./login.tsx";
import { Shell } from "./shell.tsx";

takeCode();
addEventListener("hashchange", takeCode);
addEventListener("keydown", onKey);
const page = document.getElementById("page");
if (page !== null) render(<Shell />, page);
