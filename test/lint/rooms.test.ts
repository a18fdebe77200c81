/** The rooms keep to their floors: a forbidden import is reported wherever it stands, and so is a cycle. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ROOMS } from "./rooms.ts";

const root = projectRoot();

/** As the design has them: a room imports from lower floors alone. */
const FLOORS: readonly (readonly [folder: string, floor: number])[] = [
  ["schema", 0],
  ["subgraphs/platform", 1],
  ["subgraphs/pipeline", 2],
  ["subgraphs/sources/*", 2],
  ["subgraphs/records", 3],
  ["subgraphs/server", 4],
  ["subgraphs/*", 5],
  ["gateway", 5],
  ["subgraphs/sandbox/world", 6],
  ["subgraphs/sandbox", 7],
  ["subgraphs/sandbox/*", 8],
];
/** Not rooms of subgraphs, though they stand beside them. */
const BESIDE = new Set(["platform", "pipeline", "sources", "records", "server", "sandbox"]);

interface Found {
  readonly filename: string;
  readonly code: string;
  readonly message: string;
}

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
  return rooms.set("subgraphs/chapters", 5).set("subgraphs/sources/newcomer", 2).set("subgraphs/sandbox/newcomer", 8);
}

const rooms = await roomsThere();
/** Every room on the same floor or above, and the tests. */
const forbidden = (room: string, floor: number): readonly string[] => [
  ...Array.from(rooms).flatMap(([other, above]) => (other !== room && above >= floor ? [other] : [])),
  "test",
];

/** Every way to import a file, of the room above. */
const FORMS = [
  'import type { Target } from "../pipeline/target.ts";',
  'import "../pipeline/target.ts";',
  'export type { Target as Again } from "../pipeline/target.ts";',
  'export * from "../pipeline/target.ts";',
  'export type Typed = import("../pipeline/target.ts").Target;',
  'export const dynamic = import("../pipeline/target.ts");',
  "export const template = import(`../pipeline/target.ts`);",
  'import required = require("../pipeline/target.ts");',
] as const;

let folder: string;
let found: readonly Found[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "decibel-rooms-"));
  for (const name of [".oxlintrc.json", "tsconfig.json", "test/lint/rooms.ts"]) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  for (const room of [...rooms.keys(), "test"]) await write(`${room}/target.ts`, "export type Target = string;\n");
  for (const [room, floor] of rooms) {
    const imports = forbidden(room, floor).map((other, index) => {
      const path = relative(room, `${other}/target.ts`).replace(/^(?!\.)/, "./");
      return `export type Planted${index} = import("${path}").Target;\nexport type { Target as T${index} } from "${path}";`;
    });
    await write(`${room}/planted.ts`, `${imports.join("\n")}\n`);
  }
  for (const room of [...rooms.keys(), "test/support", "test/bench"]) {
    await write(`${room}/one.ts`, 'import type { Two } from "./two.ts";\nexport type One = Two[];\n');
    await write(`${room}/two.ts`, 'import type { One } from "./one.ts";\nexport type Two = One[];\n');
  }
  await write("subgraphs/platform/forms.ts", `${FORMS.join("\n")}\nexport type Used = [Target, typeof required];\n`);
  found = await lint();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function lint(): Promise<readonly Found[]> {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [oxlint, "--format", "json"], options, (_error, stdout) => resolve(stdout));
  });
  return (JSON.parse(output) as { readonly diagnostics: readonly Found[] }).diagnostics;
}

describe("a room", () => {
  it.each([...rooms])("%s reports each import of a sibling or of a floor above", (room, floor) => {
    const reported = found.filter(
      ({ filename, code }) => filename === `${room}/planted.ts` && code.startsWith("rooms"),
    );
    const expected = forbidden(room, floor).flatMap((other) => [other, other]);
    const named = reported.map(({ message }) => / must not import from ([^:]+):/.exec(message)?.[1] ?? message);
    expect(named.toSorted()).toEqual(expected.toSorted());
  });

  it.each([...rooms.keys(), "test/support", "test/bench"])("%s reports a cycle of types", (room) => {
    const reported = found.filter(({ filename, code }) => filename.startsWith(`${room}/`) && code.includes("no-cycle"));
    expect(reported.map(({ filename }) => filename)).toEqual(
      expect.arrayContaining([`${room}/one.ts`, `${room}/two.ts`]),
    );
  });

  it("reports every form of an import", () => {
    const reported = found.filter(({ filename, code }) => filename.endsWith("/forms.ts") && code.startsWith("rooms"));
    expect(reported).toHaveLength(FORMS.length);
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
