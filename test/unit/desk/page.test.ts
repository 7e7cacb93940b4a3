import { expect, test } from "vitest";
import { inFileName } from "../../../src/desk/page.ts";
import { BY_HAND } from "../../../src/ingress/task-birth.ts";

test("in a file's name a run by hand needs no quoting in a shell, and a webhook is what it is called", () => {
  expect([BY_HAND, "risk-breach", "a.b_c"].map(inFileName)).toEqual(["by-hand", "risk-breach", "a.b_c"]);
});
