/** The rooms' rule sees every form of an import, and refuses what hides from it which file is imported. */
import { beforeAll, describe, expect, it } from "vitest";
import { lintPlanted, type Found } from "./planted.ts";

/** Every way to name a file, of a room above. */
const NAMING = [
  'import { type Target } from "../pipeline/target.ts";\nexport type Used = Target;',
  'import type { Target } from "../pipeline/target.ts";\nexport type Used = Target;',
  'import * as all from "../pipeline/target.ts";\nexport const used = all;',
  'import "../pipeline/target.ts";',
  'import "./../../subgraphs/pipeline/target.ts";',
  'import "../pipe%6Cine/target.ts?query";',
  'import data from "../pipeline/data.json" with { type: "json" };\nexport const used = data;',
  'export { target } from "../pipeline/target.ts";',
  'export type { Target } from "../pipeline/target.ts";',
  'export * from "../pipeline/target.ts";',
  'export type * from "../pipeline/target.ts";',
  'export * as all from "../pipeline/target.ts";',
  'export type Typed = import("../pipeline/target.ts").Target;',
  'export type Typed = typeof import("../pipeline/target.ts");',
  'export const dynamic = import("../pipeline/target.ts");',
  "export const template = import(`../pipeline/target.ts`);",
  'export const url = new URL("../pipeline/target.ts", import.meta.url);',
  'export const worker = new Worker(new URL("../pipeline/target.ts", import.meta.url));',
  'declare module "../pipeline/target.ts" {\n  interface Added {}\n}\nexport {};',
  '/// <reference path="../pipeline/target.ts" />\nexport {};',
  '/// <reference types="../pipeline/target.ts" />\nexport {};',
] as const;

/** Every way to hide a file, and what is said about it. */
const HIDING: readonly (readonly [text: string, message: string])[] = [
  ["export const expression = (x: string) => import(`../${x}/target.ts`);", "import() must be given a literal"],
  ['export const sum = (x: string) => import("../pipeline/" + x);', "import() must be given a literal"],
  ["export const variable = (x: string) => import(x);", "import() must be given a literal"],
  ['export const late = import("./target.ts");', '"./target.ts" must not be imported by import()'],
  ['import required = require("../pipeline/target.ts");\nexport = required;', "require must not be used"],
  ['export const required = require("../pipeline/target.ts");', "require must not be used"],
  ['export const required = module.require("../pipeline/target.ts");', "require must not be used"],
  ['export const path = require.resolve("../pipeline/target.ts");', "require must not be used"],
  ['import { createRequire as create } from "node:module";\nexport const made = create;', '"node:module" must not be'],
  ['import { register } from "module";\nexport const used = register;', '"module" must not be imported'],
  ["export const made = createRequire(import.meta.url);", "createRequire must not be used"],
  ['export const made = process.getBuiltinModule("node:module");', "getBuiltinModule must not be used"],
  ['export const path = import.meta.resolve("../pipeline/target.ts");', "import.meta.resolve must not be used"],
  ['export const path = import.meta["resolve"]("../pipeline/target.ts");', "import.meta.resolve must not be used"],
  ["export const url = (x: string) => new URL(x, import.meta.url);", "new URL(…, import.meta.url) must be given"],
  ["export const worker = (x: string) => new Worker(x);", "new Worker() must be given"],
  ['export const worker = new threads.Worker("./subgraphs/pipeline/target.ts");', "new Worker() must be given"],
  ['import "/subgraphs/pipeline/target.ts";', "an absolute path is one machine's"],
  ['import "file:///subgraphs/pipeline/target.ts";', "an absolute path is one machine's"],
  ["import \"data:text/javascript,import 'file:///target.ts'\";", "a URL is neither"],
  ['import "#pipeline/target.ts";', "an alias hides the file that it names"],
  ['import "decibel/subgraphs/pipeline/target.ts";', "this project is not a package"],
  ['import "subgraphs/pipeline/target.ts";', "this project is not a package"],
  ['import "pino/../../subgraphs/pipeline/target.ts";', "a path into a package must not leave it"],
  ['import "../../dist/subgraphs/pipeline/target.js";', "nothing in dist is linted"],
  ['import "./dist/target.js";', "nothing in dist is linted"],
  ['import "../../node_modules/pino/pino.js";', "nothing in node_modules is linted"],
  ['import "..%2Ftarget.ts";', "it is not the path of a file"],
  ['import "../../../elsewhere/target.ts";', "is outside of every room"],
  ['import "../../target.ts";', "is outside of every room"],
  ['import "../../tools/target.ts";', "is outside of every room"],
];

/** What imports no file of the project in any hidden way. */
const ALLOWED = [
  'import { join } from "node:path";\nexport const used = join;',
  'import { schema } from "../../schema/target.ts";\nexport const used = schema;',
  'export const used = import("@graphql-tools/federation");',
  'export const used = import.meta.dirname + new URL("http://host/").href;',
  'export const used = (base: string) => new URL("../pipeline", base);',
  'export const used = new URL("./", import.meta.url);',
  'declare module "graphql" {\n  interface Added {}\n}\nexport {};',
  '/// <reference types="node" />\nexport {};',
] as const;

/** The one file that may import another file of the project dynamically. */
const LOADS_LATE = ["gateway/engine/engine.ts", "gateway/console/app.tsx"];

/** A room with a direction, the programs, tests and benches. */
const EVERYWHERE = ["subgraphs/platform", "subgraphs", "test/support", "test/bench"] as const;

let found: readonly Found[];

beforeAll(async () => {
  const files = new Map<string, string>();
  for (const [index, text] of NAMING.entries()) files.set(`subgraphs/platform/naming-${index}.ts`, text);
  for (const [index, text] of ALLOWED.entries()) files.set(`subgraphs/platform/allowed-${index}.ts`, text);
  for (const place of EVERYWHERE) {
    for (const [index, [text]] of HIDING.entries()) files.set(`${place}/hiding-${index}.ts`, text);
  }
  for (const file of LOADS_LATE) files.set(file, 'export const native = import("./native.ts");');
  files.set("gateway/engine/other.ts", 'export const native = import("./native.ts");');
  found = await lintPlanted(files);
});

function reports(file: string, text = ""): boolean {
  return found.some(
    ({ filename, code, message }) => filename === file && code.startsWith("rooms") && message.includes(text),
  );
}

describe("the rule of the rooms", () => {
  it("reports every form of an import", () => {
    const message = "subgraphs/platform must not import from subgraphs/pipeline";
    const missed = NAMING.filter((_, index) => !reports(`subgraphs/platform/naming-${index}.ts`, message));
    expect(missed).toEqual([]);
  });

  it.each(EVERYWHERE)("reports in %s every form that hides the imported file", (place) => {
    const missed = HIDING.filter(([, message], index) => !reports(`${place}/hiding-${index}.ts`, message));
    expect(missed).toEqual([]);
  });

  it("allows import() of a file to the gateway's engine and to the pages of the console alone", () => {
    expect([...LOADS_LATE, "gateway/engine/other.ts"].map((file) => reports(file))).toEqual([false, false, true]);
  });

  it("reports nothing else", () => {
    const reported = ALLOWED.filter((_, index) => reports(`subgraphs/platform/allowed-${index}.ts`));
    expect(reported).toEqual([]);
  });
});
