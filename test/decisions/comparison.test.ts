/** What the graph says of two tables of a model, and the cases that stand beside the one it decides by. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failedCases } from "../../subgraphs/pipeline/rules/cases.ts";
import { diff } from "../../subgraphs/pipeline/table/diagram/diff.ts";
import { readTable } from "../../subgraphs/pipeline/table/otdt.ts";
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { changedTable } from "../support/table-files.ts";

const KEY = "location_playback";
const PATH = "locations/location_playback.otdt";
/** REVIEW becomes DENY. */
const STRICT = changedTable(PATH, (name, text) => (name === "verdict" && text === "REVIEW" ? "DENY" : undefined));

interface Comparison {
  readonly before: { readonly version: number; readonly table: readonly object[] };
  readonly after: { readonly version: number; readonly table: readonly { readonly outputs: object }[] };
  readonly problem: string | null;
  readonly difference: {
    readonly equivalent: boolean;
    readonly cells: string;
    readonly changes: readonly { readonly from: string; readonly to: string; readonly cells: string }[];
  } | null;
}

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
});
afterAll(() => graph.stop());

function compare(variables: object) {
  return graph.query<{ decisionModel: { comparison: Comparison } | null }>(
    `query ($before: String, $after: String, $table: String) { decisionModel(key: "${KEY}") {
      comparison(before: $before, after: $after, table: $table) {
        before { version table { number } } after { version table { number outputs } } problem
        difference { equivalent cells changes { from to cells witness } outputs { output from to cells witness } }
      }
    } }`,
    variables,
  );
}

const model = () => graph.decibel.pipeline.models.get(KEY) ?? expect.fail("there is no such model");

describe("the comparison of two tables", () => {
  it("gives both, and what changes between them, as it is proven", async () => {
    const { data, errors } = await compare({ table: STRICT });
    expect(errors).toEqual([]);
    const { before, after, difference } = data.decisionModel?.comparison ?? expect.fail("nothing was compared");
    const { compiled, decision } = model();
    expect(before.table).toHaveLength(compiled.table.rules.length);
    expect(after.table.map(({ outputs }) => outputs)).not.toContainEqual(
      expect.objectContaining({ verdict: "REVIEW" }),
    );
    const found = diff(compiled.table, readTable(STRICT, "strict.otdt"), decision);
    expect(difference).toMatchObject({ equivalent: false, cells: String(found.cells) });
    expect(difference?.changes).toEqual(
      found.changes.map((change) => Object.assign({}, change, { cells: String(change.cells) })),
    );
    expect(difference?.changes).toMatchObject([{ from: "REVIEW", to: "DENY" }]);
  });

  it("compares versions that are kept, by their digests, and says that a table is equivalent to itself", async () => {
    const { data } = await graph.query<{
      decisionModel: { versions: readonly { readonly digest: string; readonly isCurrent: boolean }[] };
    }>(`{ decisionModel(key: "${KEY}") { versions { digest isCurrent } } }`);
    const [version] = data.decisionModel.versions;
    expect(data.decisionModel.versions.map(({ isCurrent }) => isCurrent)).toEqual([true]);
    const compared = await compare({ before: version?.digest, after: version?.digest });
    expect(compared.data.decisionModel?.comparison.difference).toMatchObject({ equivalent: true, changes: [] });
  });

  it.each([
    ["a version that is not kept", { before: "0000" }, "no version of location_playback with the digest 0000 is kept"],
    ["a text that is no table", { table: "{}" }, "Cannot use this table for location_playback"],
    ["a table beside a version", { table: STRICT, after: "0000" }, "give after or table, not both"],
  ])("refuses %s", async (_what, variables, message) => {
    const { errors } = await compare(variables);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    expect(errors[0]?.message).toContain(message);
  });
});

describe("the cases of a table", () => {
  it("are those beside its file, and it answers them so", async () => {
    const { data, errors } = await graph.query<{
      decisionModels: readonly {
        readonly key: string;
        readonly outputs: readonly { readonly name: string; readonly way: string | null }[];
        readonly cases: readonly {
          readonly number: number;
          readonly facts: Facts;
          readonly expected: Readonly<Record<string, string>>;
        }[];
      }[];
    }>("{ decisionModels { key outputs { name way } cases { number facts expected } } }");
    expect(errors).toEqual([]);
    for (const { key, cases, outputs } of data.decisionModels) {
      const { compiled, decision } = graph.decibel.pipeline.models.get(key) ?? expect.fail("there is no such model");
      expect(cases.length).toBeGreaterThan(10);
      expect(failedCases(compiled, decision.outputs, cases)).toEqual([]);
      expect(
        outputs
          .filter(({ way }) => way !== null)
          .map(({ name }) => name)
          .toSorted(),
      ).toEqual(Object.keys(decision.outputs).toSorted());
    }
  });
});
