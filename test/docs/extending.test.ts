/**
 * docs/extending.md is true: its recipes are applied to a copy of this repository, in their order, and the result is
 * composed, linted, tested, started and queried. Whatever the recipes do not name stays as it is.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ask } from "../support/decibel.ts";
import { UNLINTED } from "../lint/specifiers.ts";
import { partsOf, runMain } from "../support/process.ts";
import type { Run } from "../support/process.ts";
import { blocks as documented } from "./documents.ts";
import type { Block } from "./documents.ts";

const root = projectRoot();
const execute = promisify(execFile);
const PROGRAMS = join(root, "node_modules/.bin");

/** A block's section is its recipe: `Add a decision`. One without a file is run. */
const blocks = documented.filter(({ document }) => document === "docs/extending.md");
const recipes = ["Add a decision", "Add an upstream", "Add a subgraph"];
/** Each with the index of the block behind it, which is its answer. */
const queries = blocks.flatMap((block, index) => (block.language === "graphql" ? [{ block, answer: index + 1 }] : []));
/** Those that somebody followed to the letter in this tree: they cannot be applied to it again. */
const applied = recipes.filter((recipe) =>
  blocks.some(
    ({ section, file, language }) =>
      section === recipe && file !== undefined && language !== "diff" && existsSync(join(root, file)),
  ),
);
/** What git ignores, and git itself. It is not asked, because a release has none. */
const NOT_COPIED: ReadonlySet<string> = new Set([...UNLINTED, ".git", ".env"]);

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

let copy: string;
let run: Run;
/** Existing files that each recipe changes. */
const changed = new Map<string, Set<string>>();

describe.skipIf(applied.length === recipes.length)("the recipes", () => {
  beforeAll(async () => {
    copy = await copyOfTheProject();
    for (const recipe of recipes.filter((each) => !applied.includes(each))) {
      const own = blocks.filter((block) => block.section === recipe);
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

  it("has these recipes, and each block is a file, a command, or a query with its answer", () => {
    expect([...new Set(blocks.map(({ section }) => section))]).toEqual(recipes);
    const used = blocks.filter(
      ({ file, language }, index) =>
        file !== undefined ||
        language === "sh" ||
        language === "graphql" ||
        queries.some((query) => query.answer === index),
    );
    expect(used).toEqual(blocks);
    expect(blocks.filter(({ file, language }) => language === "diff" && file === undefined)).toEqual([]);
  });

  it.skipIf(applied.includes("Add a decision"))("adding a decision changes two existing files", () => {
    expect([...(changed.get("Add a decision") ?? [])].toSorted()).toEqual([
      "subgraphs/episodes/decisions.ts",
      "subgraphs/episodes/episode/resolvers.ts",
    ]);
  });

  it.skipIf(applied.includes("Add an upstream"))(
    "adding an upstream changes the registry, the tests of its replies and facts, and where it is described",
    () => {
      expect([...(changed.get("Add an upstream") ?? [])].toSorted()).toEqual([
        ".env.example",
        "README.md",
        "deploy/chart/values.yaml",
        "docs/configuration.md",
        "docs/freshness.md",
        "subgraphs/registry.ts",
        "test/sources/health.test.ts",
        "test/sources/items.test.ts",
        "test/sources/shapes.test.ts",
      ]);
    },
  );

  it.skipIf(applied.includes("Add a subgraph"))(
    "adding a subgraph changes the registry, rover.yaml, its tests' contracts, and where it is described",
    () => {
      expect([...(changed.get("Add a subgraph") ?? [])].toSorted()).toEqual([
        ".env.example",
        "README.md",
        "deploy/chart/values.yaml",
        "deploy/compose.yaml",
        "deploy/routers/apollo-router.yaml",
        "deploy/routers/cosmo-graph.yaml",
        "deploy/routers/hive-router.yaml",
        "docs/configuration.md",
        "rover.yaml",
        "subgraphs/registry.ts",
        "test/support/contracts.ts",
      ]);
    },
  );

  it("leaves a tree that is linted and formatted", { timeout: 120_000 }, async () => {
    // The linter is given what the recipes name: the rest is as `npm test` has it.
    const named = new Set(blocks.flatMap(({ file = "" }) => (file.endsWith(".ts") ? [file] : [])));
    const { stdout } = await execute(join(PROGRAMS, "oxlint"), ["--type-aware", ...named], inCopy());
    expect(stdout).toContain("and 0 errors");
    await execute(join(PROGRAMS, "oxfmt"), ["--check", "."], inCopy());
  });

  /** Of what `npm test` runs there, that which depends on the registry, its variables, the schemas and the documents. */
  it.each([
    [
      "whole files",
      [
        "test/docs/deploy.test.ts",
        "test/episodes/promotion.test.ts",
        "test/lint/rooms.test.ts",
        "test/platform/environment.test.ts",
        "test/schema/composition.test.ts",
        "test/schema/contract.test.ts",
        "test/sources/shapes.test.ts",
      ],
    ],
    [
      "those of subgraphs, parts and documents",
      [
        "test/docs/documents.test.ts",
        "test/docs/extending.test.ts",
        "test/main/process.test.ts",
        "test/server/subgraphs.test.ts",
        "--testNamePattern=every subgraph has a contract|the subgraph partners|prints the banner|every problem|the names|code blocks|every operation|recipes",
      ],
    ],
  ])("leaves a tree that passes its own tests: %s", { timeout: 180_000 }, async (_which, chosen) => {
    const run = execute(join(PROGRAMS, "node"), ["node_modules/vitest/vitest.mjs", "run", ...chosen], inCopy());
    // Without this, a failure would not say which test it was.
    const { stdout } = await run.catch(({ stdout, stderr }: Output) => expect.fail(`${stdout}\n${stderr}`));
    expect(stdout).toContain("passed");
  });

  it.each(queries.map(({ block, answer }) => [block.text.replaceAll(/\s+/g, " "), block, blocks[answer]] as const))(
    "serves the new subgraph, over its records and the new upstream's sandbox: %s",
    async (_title, { text }, answer) => {
      const { data, errors } = await ask(await gateway(), text);
      expect(errors).toEqual([]);
      expect({ data }).toEqual(JSON.parse(answer?.text ?? ""));
    },
  );

  it("decides the new decision by its table", async () => {
    const query =
      "{ episodes(first: 100) { nodes { promotion { verdict slot model { key } reasons { code rule } } } } }";
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
});

async function gateway(): Promise<string> {
  return partsOf(await run.banner).get("gateway") ?? "";
}

async function copyOfTheProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-extended-"));
  await cp(root, folder, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  // What did not change is not compiled again.
  await cp(join(root, "dist"), join(folder, "dist"), { recursive: true, verbatimSymlinks: true });
  return folder;
}

function inCopy() {
  return { cwd: copy, env: { ...process.env }, maxBuffer: 16 * 1024 * 1024 };
}

/** A diff changes a file: its lines without `+` stand there once, and those without `-` take their place. */
async function apply({ section, language, text }: Block, file: string): Promise<void> {
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
  changed.set(section, (changed.get(section) ?? new Set()).add(file));
}
