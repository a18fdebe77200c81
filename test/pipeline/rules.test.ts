import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rulesCommand } from "../../subgraphs/pipeline/rules/command.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../subgraphs/registry.ts";

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
