/** The rooms keep to their floors: a forbidden import is reported wherever it stands, and so is a cycle. */
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { lintPlanted, type Found } from "./planted.ts";
import { ROOMS } from "./rooms.ts";

const root = projectRoot();

/** As the design has them: a room imports from lower floors alone. */
const FLOORS: readonly (readonly [folder: string, floor: number])[] = [
  ["schema", 0],
  ["subgraphs/platform", 1],
  ["subgraphs/pipeline/table", 2],
  ["subgraphs/sources/*", 2],
  ["subgraphs/pipeline", 3],
  ["subgraphs/records", 4],
  ["subgraphs/server", 5],
  ["subgraphs/*", 6],
  ["gateway", 6],
  ["gateway/console", 6],
  ["subgraphs/sandbox/world", 7],
  ["subgraphs/sandbox", 8],
  ["subgraphs/sandbox/*", 9],
];
/** Not rooms of subgraphs, though they stand beside them. */
const BESIDE = new Set(["platform", "pipeline", "sources", "records", "server", "sandbox"]);

/** Every room there is, and its floor. */
async function roomsThere(): Promise<ReadonlyMap<string, number>> {
  const rooms = new Map<string, number>();
  for (const [folder, floor] of FLOORS) {
    if (!folder.endsWith("/*")) rooms.set(folder, floor);
    else {
      const parent = dirname(folder);
      const inside = await readdir(join(root, parent), { withFileTypes: true });
      for (const entry of inside) {
        const path = `${parent}/${entry.name}`;
        const isRoom = entry.isDirectory() && !(parent === "subgraphs" && BESIDE.has(entry.name));
        if (isRoom && !rooms.has(path)) rooms.set(path, floor);
      }
    }
  }
  // They are rooms the moment that their folders are there.
  return rooms.set("subgraphs/chapters", 6).set("subgraphs/sources/newcomer", 2).set("subgraphs/sandbox/newcomer", 9);
}

const rooms = await roomsThere();
/** Every room on the same floor or above, the programs and the tests. */
const forbidden = (room: string, floor: number): readonly string[] => [
  ...Array.from(rooms).flatMap(([other, above]) => (other !== room && above >= floor ? [other] : [])),
  "subgraphs",
  "test",
];

/** Files outside of every room. */
const OUTSIDE = [
  "tools/target.ts",
  "tools/inside/target.mjs",
  "target.ts",
  "vitest.config.ts",
  "subgraphs/sources/target.ts",
] as const;

/** Every way back to a file that imports this one. */
const CYCLES = [
  'import { type One } from "./one.ts";\nexport type Two = One[];',
  'import type { One } from "./one.ts";\nexport type Two = One[];',
  'import * as one from "./one.ts";\nexport type Two = typeof one;',
  'export type { One as Two } from "./one.ts";',
  'export type * from "./one.ts";\nexport type Two = string;',
  'export * from "./one.ts";\nexport type Two = string;',
  // no-cycle does not see these, so they are forbidden altogether.
  'export type Two = import("./one.ts").One;',
  'export const one = import("./one.ts");\nexport type Two = string;',
] as const;
const CYCLIC = [...rooms.keys(), "subgraphs", "test/support", "test/bench"] as const;

let found: readonly Found[];

beforeAll(async () => {
  const files = new Map<string, string>();
  for (const [room, floor] of rooms) {
    const imports = forbidden(room, floor).map(
      (other, index) => `export type { Target as T${index} } from "${pathTo(room, `${other}/target.ts`)}";`,
    );
    files.set(`${room}/planted.ts`, `${imports.join("\n")}\n`);
  }
  for (const room of [...rooms.keys(), "subgraphs", "test"]) {
    const imports = OUTSIDE.map((file) => `import "${pathTo(room, file)}";\n`);
    files.set(`${room}/outwards.ts`, imports.join(""));
  }
  for (const file of OUTSIDE) {
    const imports = [...rooms.keys(), "test"].map(
      (room) => `import "${pathTo(dirname(file), `${room}/target.ts`)}";\n`,
    );
    files.set(file, imports.join(""));
  }
  for (const place of CYCLIC) {
    for (const [index, text] of CYCLES.entries()) {
      files.set(`${place}/cycle-${index}/one.ts`, 'import type { Two } from "./two.ts";\nexport type One = Two[];\n');
      files.set(`${place}/cycle-${index}/two.ts`, text);
    }
  }
  found = await lintPlanted(files);
}, 60_000);

const pathTo = (from: string, file: string): string => relative(from, file).replace(/^(?!\.)/, "./");
const messagesIn = (filename: string): readonly string[] =>
  found.filter((one) => one.filename === filename && one.code.startsWith("rooms")).map(({ message }) => message);

describe("a room", () => {
  it.each([...rooms])("%s reports each import of a sibling or of a floor above", (room, floor) => {
    const named = messagesIn(`${room}/planted.ts`).map(
      (message) => / must not import from ([^:]+):/.exec(message)?.[1] ?? message,
    );
    expect(named.toSorted()).toEqual(forbidden(room, floor).toSorted());
  });

  it.each([...rooms.keys(), "subgraphs", "test"])("%s reports each import from outside of every room", (room) => {
    expect(messagesIn(`${room}/outwards.ts`)).toEqual(
      OUTSIDE.map((file) => `${room} must not import ${file}: it is outside of every room`),
    );
  });

  it.each(OUTSIDE)("is not imported by %s", (file) => {
    expect(messagesIn(file)).toEqual(
      [...rooms.keys(), "test"].map(
        (room) => `${file} must not import from ${room}: it is outside of every room itself`,
      ),
    );
  });

  it.each(CYCLIC)("%s reports a cycle through every form of an import", (place) => {
    const missed = CYCLES.filter((text, index) => {
      const rules = text.includes("import(") ? ["consistent-type-imports", "rooms"] : ["no-cycle"];
      return !found.some(
        ({ filename, code }) =>
          filename === `${place}/cycle-${index}/two.ts` && rules.some((rule) => code.includes(rule)),
      );
    });
    expect(missed).toEqual([]);
  });

  it("has a row in the rule for each floor of the design", () => {
    const ruled = ROOMS.map((row) => row.folder).filter((name) => name !== "test" && name !== "subgraphs");
    expect(ruled.toSorted()).toEqual(FLOORS.map(([name]) => name).toSorted());
  });
});

describe("the README's table of folders", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const [, table = ""] = /^## The source\n[\s\S]*?\n\| folder .*\n\|[ -|]*\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  /** From the highest to the lowest: the folders of each row. */
  const rows = table
    .trimEnd()
    .split("\n")
    .map((row) => Array.from((row.split("|")[1] ?? "").matchAll(/`([^`]+)\/`/g), ([, name = ""]) => name));
  const rowOf = (name: string): number => rows.findIndex((row) => row.includes(name));

  it("lists every room once, and nothing else", () => {
    expect(rows.flat().toSorted()).toEqual(ROOMS.map(({ folder: name }) => name).toSorted());
  });

  it.each(ROOMS)("has $folder above all that it may import from", ({ folder: name, imports }) => {
    const others = ROOMS.filter((room) => room.folder !== name && room.imports !== "anything");
    const below = imports === "anything" ? others.map((room) => room.folder) : imports;
    expect(below.filter((other) => rowOf(other) <= rowOf(name))).toEqual([]);
  });
});
