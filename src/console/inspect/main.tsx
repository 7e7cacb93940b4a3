/** The inspector's pages begin here: `/inspect`, and `/inspect/stately`, which is served only where it is allowed. */
import { render } from "preact";
import { takeCode } from "../login.tsx";
import { InspectPage } from "./inspect-page.tsx";
import { lookLive } from "./looked.ts";
import { StatelyPage } from "./stately-page.tsx";

takeCode();
addEventListener("hashchange", takeCode);
const asked = new URLSearchParams(location.search);
const props = { run: asked.get("run"), context: asked.get("context") === "1" };
const isBridge = location.pathname === "/inspect/stately";
if (!isBridge) lookLive(props.run, props.context);
const page = document.getElementById("page");
if (page !== null) render(isBridge ? <StatelyPage {...props} /> : <InspectPage {...props} />, page);
