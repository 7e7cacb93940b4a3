import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/core/ids.ts";
import { approverPage } from "../../../src/desk/approver-page.ts";
import { readInboxPage } from "../../../src/desk/inbox-page.ts";

const root = sha256Of("a".repeat(64));
const other = sha256Of("b".repeat(64));
const at = Date.UTC(2026, 6, 5, 14, 22);
const met = { workspace: "equity-desk", root, before: undefined, at };
const text = (page: ReturnType<typeof approverPage>): string => Buffer.from(page.bytes).toString();

describe("the page about the approvers' root", () => {
  test("tells of a first one whose fingerprint a person can compare", () => {
    const page = approverPage(met);
    expect(page.names[0]).toBe("2026-07-05T14-22-00Z-approver-aaaaaaaa.md");
    expect(text(page)).toContain("event: approver.trusted\n");
    expect(text(page)).toContain(`The key is \`${root}\`.`);
  });

  test("has a sentence of its own in a list", () => {
    const { title } = readInboxPage("a.md", approverPage(met).bytes);
    expect(title).toBe("The approvers of equity-desk rest on a first key, trusted from here on.");
  });

  test("tells of a changed one with the one before", () => {
    const page = text(approverPage({ ...met, before: other }));
    expect(page).toContain("event: approver.changed\n");
    expect(page).toContain(`The key is \`${root}\`; before, it was \`${other}\`.`);
  });
});
