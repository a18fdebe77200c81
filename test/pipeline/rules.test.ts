import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCases, writeCases } from "../../subgraphs/pipeline/rules/cases.ts";
import { rulesCommand } from "../../subgraphs/pipeline/rules/command.ts";
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../subgraphs/registry.ts";
import { CONVENTION, compiled } from "../support/otdt.ts";

const PUBLISHING = join(projectRoot(), "subgraphs/episodes/episode_publishing.otdt");
const decisions = subgraphs.flatMap((row) => row.decisions);
let folder: string;
/** Of the table, with a cell replaced by another one everywhere. */
let changed: (cell: string, by: string) => Promise<string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rules-"));
  const text = await readFile(PUBLISHING, "utf8");
  changed = async (cell, by) => {
    const file = join(folder, `${by.replaceAll(/\W/g, "")}.otdt`);
    if (!text.includes(cell)) throw new RangeError(`the table has no ${cell}`);
    await writeFile(file, text.replaceAll(cell, by));
    return file;
  };
});
afterAll(() => rm(folder, { recursive: true }));

function run(...args: readonly string[]) {
  let now = 0;
  return rulesCommand(args, { decisions, elapsed: () => (now += 7) });
}

describe("rules check", () => {
  it("prints what is wrong with a table, for programs", async () => {
    const { text, failed } = await run("check", PUBLISHING, "--json");
    expect(failed).toBe(false);
    expect(JSON.parse(text)).toMatchObject({
      key: "episode_publishing",
      gaps: [],
      neverMatch: [],
      neverDecide: [],
      duplicates: [],
      missing: [{ input: "sensitive_topics" }, { input: "duration_minutes" }],
      ms: 7,
    });
  });

  it("and for people", async () => {
    const { text } = await run("check", PUBLISHING);
    expect(text).toContain("## episode_publishing\n");
    expect(text).toContain("- facts without a verdict: none\n");
  });
});

describe("rules diff", () => {
  it("says that versions are equivalent, and of how many cells that is proven", async () => {
    const { text } = await run("diff", PUBLISHING, await changed("are published nowhere", "are never published"));
    expect(text).toMatch(/^## episode_publishing: equivalent\n\nProven for all of [\d,]+ cells: /);
  });

  it("prints each change with its cells and facts, for programs and for a pull request", async () => {
    const stricter = await changed('"600"', '"300"');
    const { text, failed } = await run("diff", PUBLISHING, stricter, "--json", "--fail-on", "opening");
    expect(failed).toBe(false);
    const found: unknown = JSON.parse(text);
    expect(found).toMatchObject({ key: "episode_publishing", equivalent: false, outputs: [], ms: 7 });
    expect(found).toMatchObject({ changes: [{ from: "ALLOW", to: "REVIEW", witness: { duration_minutes: 301 } }] });
    const markdown = (await run("diff", PUBLISHING, stricter)).text;
    expect(markdown).toContain("| verdict | from | to | cells | for example |\n");
    expect(markdown).toMatch(/^\| {2}\| ALLOW \| REVIEW \| [\d,]+ \| submitted true, .*duration_minutes 301/m);
  });

  it("fails where something becomes ALLOW, if that is wanted", async () => {
    const looser = await changed('"600"', '"900"');
    const answers = [
      await run("diff", PUBLISHING, looser),
      await run("diff", PUBLISHING, looser, "--fail-on", "opening"),
    ];
    expect(answers.map(({ failed }) => failed)).toEqual([false, true]);
  });
});

describe("rules cases and mutants", () => {
  const tables = subgraphs.flatMap((row) => row.decisions.map(({ key }) => `subgraphs/${row.name}/${key}.otdt`));

  it.each(tables)(
    "%s answers its cases, which kill every mutant that is not equivalent",
    { timeout: 120_000 },
    async (file) => {
      const path = join(projectRoot(), file);
      const cases = await run("cases", path);
      expect(cases.text).toMatch(/: \d\d+ cases, all as expected$/);
      const { text, failed } = await run("mutants", path, "--json");
      expect(JSON.parse(text)).toMatchObject({ survived: [] });
      expect(failed).toBe(false);
    },
  );

  it(
    "name the case that is answered otherwise, and the mutant that survives with facts for a case",
    { timeout: 120_000 },
    async () => {
      const file = await changed('"600"', '"900"');
      await copyFile(PUBLISHING.replace(".otdt", ".cases.csv"), file.replace(".otdt", ".cases.csv"));
      const cases = await run("cases", file);
      expect(cases.failed).toBe(true);
      expect(cases.text).toMatch(/^case \d+: verdict: expected REVIEW, got ALLOW/m);

      const alone = join(folder, "playlist_request.otdt");
      await copyFile(join(projectRoot(), "subgraphs/locations/playlist_request.otdt"), alone);
      const mutants = await run("mutants", alone);
      expect(mutants.failed).toBe(true);
      expect(mutants.text).toContain("rule 2, tracks: without its cell: no case like {");
      expect((await run("cases", alone, "--generate")).text).toMatch(/^playlist_request: \d+ cases added to 0$/);
      expect((await run("mutants", alone)).failed).toBe(false);
    },
  );
});

describe("cases", () => {
  const { table } = compiled({
    key: "sketch",
    inputs: { note: "string", marks: "collection", count: "number", known: "boolean" },
    outputs: CONVENTION,
    rules: [{ note: ["==", "x"], verdict: "DENY" }, { verdict: "ALLOW" }],
  });
  const written = (facts: Facts): string =>
    writeCases(table, {}, [
      { facts: { note: "n", marks: [], count: 1, known: true, ...facts }, expected: { verdict: "ALLOW" } },
    ]);
  const read = (text: string) => readCases(table, {}, text).map(({ facts }) => facts);

  it.each<Facts>([
    { note: "" },
    { note: null },
    { note: '"quoted", and more' },
    { note: "two\r\nlines" },
    { note: "[1]", marks: ["a, b", "c; d", "", "e"] },
    { marks: [""] },
    { marks: ["[x"] },
    { count: -0.5, known: null },
  ])("of %j are read as they were written", (facts) => {
    expect(read(written(facts))).toEqual([{ note: "n", marks: [], count: 1, known: true, ...facts }]);
  });

  it("are read as spreadsheets save them, without a last line break too", () => {
    const text = "\uFEFFnote,marks,count,known,verdict\r\n\r\nn,a; b,2,true,ALLOW";
    expect(read(text)).toEqual([{ note: "n", marks: ["a", "b"], count: 2, known: true }]);
  });

  it.each([
    ['a"b,,1,true,ALLOW', "quotes that are not around all of it"],
    ['"a,,1,true,ALLOW', "quotes that are not around all of it"],
    ["n,,1,true", "case 1: expected 5 cells, got 4"],
    ["n,,1,true,ALLOW,more", "case 1: expected 5 cells, got 6"],
    ["n,,many,true,ALLOW", "case 1: count: expected a number, got many"],
    ["n,[1],1,true,ALLOW", "case 1: marks: expected a collection, got [1]"],
  ])("that are %j are refused", (line, problem) => {
    expect(() => read(`note,marks,count,known,verdict\n${line}\n`)).toThrow(problem);
  });

  const json = (one: object): string => JSON.stringify([one]);
  const facts = { note: null, marks: ["a, b"], count: 2, known: true };
  it("are read of JSON too", () => {
    expect(read(json({ facts, expected: { verdict: "ALLOW" } }))).toEqual([facts]);
    expect(read("[]")).toEqual([]);
  });

  it.each([
    ["[{", "Cannot read cases: "],
    ["[1]", "Cannot read case 1: "],
    [json({ facts: { ...facts, count: "2" }, expected: { verdict: "ALLOW" } }), "Cannot read case 1: facts.count: "],
    [json({ facts: { ...facts, other: 1 }, expected: { verdict: "ALLOW" } }), 'Cannot read case 1: facts: .*"other"'],
    [json({ facts: { note: "n" }, expected: { verdict: "ALLOW" } }), "Cannot read case 1: facts.marks: "],
    [json({ facts, expected: {} }), "Cannot read case 1: expected.verdict: "],
  ])("of JSON that are %s are refused", (text, problem) => {
    expect(() => read(text)).toThrow(new RegExp(`^${problem}`));
  });

  it("are generated as JSON where they stand so, and are read of one file alone", async () => {
    const file = join(folder, "as_json.otdt");
    await copyFile(join(projectRoot(), "subgraphs/locations/playlist_request.otdt"), file);
    const beside = file.replace(".otdt", ".cases.json");
    await writeFile(beside, "[]");
    expect((await run("cases", file, "--generate")).text).toMatch(/^playlist_request: \d+ cases added to 0$/);
    expect((await run("cases", file)).text).toMatch(/: \d\d+ cases, all as expected$/);
    expect((await run("mutants", file)).failed).toBe(false);
    expect(JSON.parse(await readFile(beside, "utf8"))[0]).toMatchObject({ expected: { verdict: expect.any(String) } });
    await writeFile(file.replace(".otdt", ".cases.csv"), "");
    await expect(run("cases", file)).rejects.toThrow(
      "Cannot read as_json.cases.csv and as_json.cases.json: expected one of them",
    );
  });

  it("that the table answers otherwise kill no mutant", async () => {
    const file = join(folder, "lead_routing.otdt");
    await copyFile(join(projectRoot(), "subgraphs/listeners/lead_routing.otdt"), file);
    const cases = await readFile(join(projectRoot(), "subgraphs/listeners/lead_routing.cases.csv"), "utf8");
    await writeFile(file.replace(".otdt", ".cases.csv"), cases.replace(/(?:ALLOW|DENY|REVIEW),/, "OTHER,"));
    const { text, failed } = await run("mutants", file);
    expect([failed, text]).toEqual([true, expect.stringMatching(/^case \d+: verdict: expected OTHER, got /)]);
  });
});

describe("npm run rules", () => {
  it.each([
    [[]],
    [["check"]],
    [["diff", PUBLISHING]],
    [["check", PUBLISHING, "--fail-on", "opening"]],
    [["check", "--what"]],
  ])("with %j says how it is used", async (args) => {
    await expect(run(...args)).rejects.toThrow(
      "usage: rules check FILE… [--json] | rules diff OLD NEW [--json] [--fail-on opening] | " +
        "rules cases FILE [--generate] | rules mutants FILE [--json]",
    );
  });

  it("says what of a file cannot be read", async () => {
    const file = await changed('"hitIndicator": "RULE ORDER"', '"hitIndicator": "MAYBE"');
    await expect(run("check", file)).rejects.toThrow("Cannot read hitIndicatorMAYBE.otdt: ");
  });
});
