/**
 * docs/extending.md is true: its recipes are applied to a copy of this repository, in their order, and the result is
 * composed, linted, tested, started and queried. Whatever the recipes do not name stays as it is.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ask } from "../support/decibel.ts";
import { partsOf, runMain } from "../support/process.ts";
import type { Run } from "../support/process.ts";

const root = projectRoot();
const execute = promisify(execFile);

interface Block {
  /** The recipe it belongs to: `Add a decision`. */
  readonly recipe: string;
  readonly language: string;
  /** Where it goes; undefined where it is run. */
  readonly file: string | undefined;
  readonly text: string;
}

const document = await readFile(join(root, "docs/extending.md"), "utf8");
const blocks = document.split(/^## /m).slice(1).flatMap(blocksOf);
const recipes = ["Add a decision", "Add an upstream", "Add a subgraph"];

let copy: string;
let run: Run;
/** Existing files that each recipe changes. */
const changed = new Map<string, Set<string>>();

beforeAll(async () => {
  copy = await copyOfTheProject();
  for (const recipe of recipes) {
    const own = blocks.filter((block) => block.recipe === recipe);
    for (const block of own) if (block.file !== undefined) await apply(block, block.file);
    for (const block of own) if (block.language === "sh") await execute("bash", ["-ec", block.text], inCopy());
  }
  run = runMain({ DATA_DIR: "memory", PARTNERS_PORT: "0", RATINGS_SANDBOX_PORT: "0" }, copy);
  await run.banner;
}, 180_000);
afterAll(async () => {
  await run?.kill();
  if (copy !== undefined) await rm(copy, { recursive: true, force: true });
});

it("has these recipes, and no block that nobody knows", () => {
  expect([...new Set(blocks.map(({ recipe }) => recipe))]).toEqual(recipes);
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(["json", "ts", "diff", "sh", "graphql"]));
});

it("adding a decision changes two existing files", () => {
  expect([...(changed.get("Add a decision") ?? [])].toSorted()).toEqual([
    "subgraphs/episodes/decisions.ts",
    "subgraphs/episodes/episode/resolvers.ts",
  ]);
});

it("adding an upstream changes the registry, and where its variables are described", () => {
  expect([...(changed.get("Add an upstream") ?? [])].toSorted()).toEqual([
    ".env.example",
    "docs/configuration.md",
    "subgraphs/registry.ts",
  ]);
});

it("adding a subgraph changes the registry, rover.yaml and .env.example", () => {
  expect([...(changed.get("Add a subgraph") ?? [])].toSorted()).toEqual([
    ".env.example",
    "rover.yaml",
    "subgraphs/registry.ts",
  ]);
});

it("leaves a tree that keeps to its floors and passes its own tests", { timeout: 120_000 }, async () => {
  const node = join(root, "node_modules/.bin/node");
  expect((await execute(node, ["node_modules/oxlint/bin/oxlint"], inCopy())).stdout).toContain("and 0 errors");
  const tests = [
    "test/episodes/promotion.test.ts",
    "test/platform/environment.test.ts",
    "test/schema/composition.test.ts",
  ];
  const { stdout } = await execute(node, ["node_modules/vitest/vitest.mjs", "run", ...tests], inCopy());
  expect(stdout).toContain("passed");
});

it("serves the new subgraph, over its records and the new upstream's sandbox", async () => {
  const query = blocks.find(({ language }) => language === "graphql")?.text ?? "";
  const expected = blocks.findLast(({ language }) => language === "json")?.text ?? "";
  const { data, errors } = await ask(await gateway(), query);
  expect(errors).toEqual([]);
  expect({ data }).toEqual(JSON.parse(expected));
  const all = await ask<{ partners: unknown }>(await gateway(), "{ partners { name stars } }");
  expect(all.data.partners).toEqual([{ name: "Northwind", stars: 5 }]);
});

it("decides the new decision by its table", async () => {
  const query = "{ episodes(first: 100) { nodes { promotion { verdict slot model { key } reasons { code rule } } } } }";
  interface Promotion {
    readonly verdict: string;
    readonly slot: string | null;
    readonly model: { readonly key: string };
    readonly reasons: readonly { readonly code: string; readonly rule: number | null }[];
  }
  const { data, errors } = await ask<{ episodes: { nodes: readonly { promotion: Promotion }[] } }>(
    await gateway(),
    query,
  );
  expect(errors).toEqual([]);
  const [first] = data.episodes.nodes;
  expect(first?.promotion.model.key).toBe("episode_promotion");
  const rules = data.episodes.nodes.flatMap(({ promotion }) => promotion.reasons.map(({ code }) => code));
  expect(new Set(rules)).toEqual(new Set(["EXPLICIT", "SHORT", "CLEAR"]));
});

it("lists the new sandbox and the new subgraph in the banner", async () => {
  const parts = partsOf(await run.banner);
  expect([parts.has("partners"), parts.has("ratings sandbox")]).toEqual([true, true]);
});

async function gateway(): Promise<string> {
  return partsOf(await run.banner).get("gateway") ?? "";
}

function blocksOf(section: string): readonly Block[] {
  const recipe = section.split("\n", 1)[0] ?? "";
  return Array.from(
    section.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm),
    ([, language = "", file, text = ""]) => ({ recipe, language, file, text }),
  );
}

async function copyOfTheProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-extended-"));
  const { stdout } = await execute("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of stdout.trim().split("\n")) {
    // One that is deleted and not committed yet is listed too.
    await cp(join(root, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function inCopy() {
  return { cwd: copy, env: { ...process.env }, maxBuffer: 16 * 1024 * 1024 };
}

/** A diff changes a file: its lines without `+` stand there once, and those without `-` take their place. */
async function apply({ recipe, language, text }: Block, file: string): Promise<void> {
  const path = join(copy, file);
  if (language !== "diff") {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
    return;
  }
  const lines = text.trimEnd().split("\n");
  const side = (left: string): string =>
    lines.flatMap((line) => (line.startsWith(left) ? [] : [line.slice(1)])).join("\n");
  const [before, after] = [side("+"), side("-")];
  const current = await readFile(path, "utf8");
  const found = current.split(before).length - 1;
  if (found !== 1) throw new Error(`${file}: these lines stand there ${found} times, not once:\n${before}`);
  // As text: what looks like a pattern is none.
  await writeFile(
    path,
    current.replace(before, () => after),
  );
  changed.set(recipe, (changed.get(recipe) ?? new Set()).add(file));
}
