import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createOrderFiles } from "../../../src/adapters/order-files.ts";
import type { OrderFiles } from "../../../src/desk/draft-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

type World = {
  readonly dir: string;
  readonly files: OrderFiles;
  readonly put: (file: string, text: string) => void;
  readonly text: (file: string) => string;
};
function world(): World {
  const dir = temporaryFolder();
  mkdirSync(path.join(dir, "orders/proposed"), { recursive: true });
  return {
    dir,
    files: createOrderFiles(dir),
    put: (file, text) => writeFileSync(path.join(dir, file), text),
    text: (file) => readFileSync(path.join(dir, file), "utf8"),
  };
}
const never = (): boolean => false;

describe("looking at a file", () => {
  test("gives all its bytes up to the bound, and none beyond it", () => {
    const { files, put } = world();
    put("orders/proposed/a.toml", "12345");
    expect(files.look("orders/proposed/a.toml", 5)).toEqual({ kind: "file", bytes: Buffer.from("12345") });
    expect(files.look("orders/proposed/a.toml", 4)).toEqual({ kind: "unsafe", says: "a.toml has more than 4 bytes." });
  });
  test("finds nothing where there is no file and no folder", () => {
    const { files } = world();
    expect([files.look("orders/proposed/a.toml", 5), files.look("orders/executed/a.toml", 5)]).toEqual([
      { kind: "none" },
      { kind: "none" },
    ]);
  });
  test("opens no folder and no file that is a link or has a second name", () => {
    const { dir, files, put } = world();
    put("orders/proposed/a.toml", "1");
    symlinkSync("a.toml", path.join(dir, "orders/proposed/b.toml"));
    symlinkSync("proposed", path.join(dir, "orders/executed"));
    const kinds = ["orders/proposed/b.toml", "orders/executed/a.toml", "orders/proposed"].map(
      (file) => files.look(file, 5).kind,
    );
    expect(kinds).toEqual(["unsafe", "unsafe", "unsafe"]);
  });
});

describe("placing a file", () => {
  test("makes its folder, takes the first free name, and is the same file when done again", async () => {
    const { files, put, text, dir } = world();
    mkdirSync(path.join(dir, "orders/rejected"));
    put("orders/rejected/a.toml", "another");
    const place = () => files.place("orders/rejected", ["a.toml", "b.toml"], Buffer.from("1"), never);
    expect([await place(), await place()]).toEqual(["b.toml", "b.toml"]);
    expect([text("orders/rejected/a.toml"), text("orders/rejected/b.toml")]).toEqual(["another", "1"]);
    expect(await files.place("orders/executed", ["a.toml"], Buffer.from("1"), never)).toBe("a.toml");
    expect(readdirSync(path.join(dir, "orders/executed"))).toEqual(["a.toml"]);
  });
  test("never replaces what is there", async () => {
    const { files, put, text } = world();
    put("orders/proposed/a.toml", "another");
    await expect(files.place("orders/proposed", ["a.toml"], Buffer.from("1"), never)).rejects.toThrow(
      "another file has that name",
    );
    expect(text("orders/proposed/a.toml")).toBe("another");
  });
});

describe("moving a file", () => {
  test("gives it the first free name, and leaves the others as they are", async () => {
    const { files, put, text, dir } = world();
    put("orders/proposed/a.toml", "1");
    mkdirSync(path.join(dir, "orders/executed"));
    put("orders/executed/b.toml", "another");
    expect(await files.move("orders/proposed/a.toml", "orders/executed", ["b.toml", "c.toml"])).toBe("c.toml");
    expect([text("orders/executed/b.toml"), text("orders/executed/c.toml")]).toEqual(["another", "1"]);
    expect(readdirSync(path.join(dir, "orders/proposed"))).toEqual([]);
  });
  test("does nothing when it is gone", async () => {
    expect(await world().files.move("orders/proposed/a.toml", "orders/executed", ["b.toml"])).toBeNull();
  });
  test("loses nothing where every name is taken", async () => {
    const { files, put, text } = world();
    put("orders/proposed/a.toml", "1");
    put("orders/proposed/b.toml", "2");
    await expect(files.move("orders/proposed/a.toml", "orders/proposed", ["b.toml"])).rejects.toThrow("is taken");
    expect([text("orders/proposed/a.toml"), text("orders/proposed/b.toml")]).toEqual(["1", "2"]);
  });
});

test("removing a file takes its name away, and may be done again", async () => {
  const { files, put } = world();
  put("orders/proposed/a.toml", "1");
  await files.remove("orders/proposed/a.toml");
  await files.remove("orders/proposed/a.toml");
  expect(files.look("orders/proposed/a.toml", 5)).toEqual({ kind: "none" });
});
