/** Which version of a model runs: namespaces, malformed models, and what the log says. */
import pino from "pino";
import { expect, it } from "vitest";
import type { Clock } from "../../subgraphs/platform/clock.ts";
import type { ListedModel } from "../../subgraphs/pipeline/deployed.ts";
import { bindModels } from "../../subgraphs/pipeline/models.ts";
import { createVersions } from "../../subgraphs/pipeline/versions.ts";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import { loan, loanTable } from "../support/loans.ts";

const HOUR_MS = 3_600_000;
const ID = "5f0c1a8e-3b7d-4f62-9a41-d8e2b6c70915";
const OTHER = "00000000-3b7d-4f62-9a41-d8e2b6c70915";

function watching(namespace?: string, own = ID, clock?: Clock) {
  const { table } = loanTable();
  const compiled = compile({ ...table, namespace: own });
  const models = bindModels([{ decisions: [loan], tables: [compiled] }]);
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  let listed: readonly ListedModel[] = [];
  const versions = createVersions({ list: async () => listed, models, namespace, intervalMs: 1000, log, ...clock });
  const running = async (...stated: readonly Partial<ListedModel>[]): Promise<number | undefined> => {
    listed = stated.map(({ key = "loan", version, namespace, problem }) => ({ key, version, namespace, problem }));
    expect(await versions.refresh()).toBe(true);
    return versions.running("loan");
  };
  return { lines, running, versions };
}

it.each([
  ["its name", ["shops"]],
  ["its id", [ID]],
  ["its id in capitals and braces", [`{${ID.toUpperCase()}}`]],
  ["its id without dashes", [ID.replaceAll("-", "")]],
  ["its id and name", [ID, "shops"]],
  ["nothing", []],
  ["another one", [OTHER]],
])("a model in one namespace is ours, where the list says %s", async (_title, namespace) => {
  expect(await watching().running({ version: 3, namespace }, { key: "other", version: 9, namespace: [] })).toBe(3);
});

it("the newest of several versions runs, in any order", async () => {
  const { running } = watching();
  expect(await running({ version: 2 }, { version: 10 }, { version: 9 })).toBe(10);
});

it.each([
  ["the configured name", "shops", [["shops"], ["tests"]]],
  ["the configured id", ID, [[`{${ID.toUpperCase()}}`], [OTHER]]],
  [
    "the configured id in another spelling",
    ID.replaceAll("-", "").toUpperCase(),
    [
      [ID, "shops"],
      [OTHER, "tests"],
    ],
  ],
  ["the table's id", undefined, [[ID.replaceAll("-", "")], [OTHER]]],
  [
    "the table's id beside a name",
    undefined,
    [
      ["shops", ID],
      ["tests", OTHER],
    ],
  ],
] as const)("of several namespaces %s counts", async (_title, configured, [ours, theirs]) => {
  const { running, lines } = watching(configured);
  expect(await running({ version: 3, namespace: ours }, { version: 9, namespace: theirs })).toBe(3);
  expect(lines).toEqual([{ level: 30, decision: "loan", version: 3, msg: "decision model is deployed" }]);
});

it("the table's name of a namespace counts like its id", async () => {
  const { running } = watching(undefined, "shops");
  expect(await running({ version: 3, namespace: ["shops"] }, { version: 9, namespace: ["Shops"] })).toBe(3);
});

it.each([
  ["neither is ours", undefined, [["shops"], ["tests"]]],
  ["neither is the configured one", "music", [[ID], ["tests"]]],
  ["one states none", undefined, [["shops"], []]],
] as const)(
  "of several namespaces none counts where %s, and the log names them once",
  async (_title, configured, [first, second]) => {
    const { running, lines } = watching(configured);
    const listed = [
      { version: 3, namespace: first },
      { version: 9, namespace: second },
    ];
    expect(await running(...listed)).toBeUndefined();
    expect(await running(...listed.toReversed())).toBeUndefined();
    expect(lines).toEqual([
      {
        level: 40,
        decision: "loan",
        seen: expect.arrayContaining([
          { namespace: first.join(), version: 3 },
          { namespace: second.join(), version: 9 },
        ]),
        msg: "decision model is in several namespaces, set OPENTEXT_NAMESPACE to one of them: equivalence is off",
      },
    ]);
  },
);

it("a malformed model makes its own key unknown, and no other", async () => {
  const { running, lines } = watching();
  const problem = "version: expected a whole number, got nothing";
  expect(await running({ key: "other", problem }, { version: 3 })).toBe(3);
  expect(await running({ version: 3 }, { problem, namespace: [] })).toBeUndefined();
  expect(lines.slice(1)).toEqual([
    {
      level: 40,
      decision: "loan",
      seen: [
        { namespace: "", problem },
        { namespace: "", version: 3 },
      ],
      msg: "decision model is listed without a version that can be read: equivalence is off",
    },
  ]);
});

it("the log says each change once", async () => {
  const { running, lines } = watching();
  await running();
  await running();
  await running({ version: 1 });
  await running({ version: 1 });
  await running({ version: 2 });
  await running();
  expect(lines.map(({ level, version, msg }) => [level, version, msg])).toEqual([
    [40, undefined, "decision model is not deployed: equivalence is off"],
    [30, 1, "decision model is deployed"],
    [30, 2, "decision model is deployed"],
    [40, undefined, "decision model is not deployed: equivalence is off"],
  ]);
});

it("a version is known for four intervals, whatever the system's clock is set to", async () => {
  const time = { now: 0, elapsed: 0 };
  const { running, versions } = watching(undefined, ID, { now: () => time.now, elapsed: () => time.elapsed });
  time.now = 8 * HOUR_MS;
  await running({ version: 1 });
  time.now = 0;
  expect(versions.running("loan")).toBe(1);
  time.elapsed = 4000;
  expect(versions.running("loan")).toBeUndefined();
});

it("a version seen while the clock was ahead runs since the clock was set back at the latest", async () => {
  const time = { now: 8 * HOUR_MS, elapsed: 0 };
  const { running, versions } = watching(undefined, ID, { now: () => time.now, elapsed: () => time.elapsed });
  await running({ version: 1 });
  await running({ version: 2 });
  expect(versions.since("loan")).toBe(8 * HOUR_MS);
  time.now = HOUR_MS;
  expect(versions.since("loan")).toBe(HOUR_MS);
  time.now = 2 * HOUR_MS;
  expect(versions.since("loan")).toBe(HOUR_MS);
});
