/**
 * Does a whole Decibel decide the same over the public engine as over its own tables?
 *
 * Two graphs over the same world are asked for every decision field of everything in it: verdict, reasons and own
 * outputs. One is connected to the engine as to OpenText, the other decides locally.
 */
import { isDeepStrictEqual } from "node:util";
import { startTestDecibel, NOW } from "../../support/decibel.ts";
import { everyDecision } from "../../support/every-decision.ts";
import type { Made } from "../../support/every-decision.ts";
import type { Difference } from "./probe.ts";

export interface WorldComparison {
  readonly decisions: number;
  /** Decisions whose reasons all have the number of a rule, where the engine decided. */
  readonly explained: number;
  readonly differences: readonly Difference[];
}

const MINUTE = 60_000;

/** `origin` is of the engine's server. */
export async function compareWorlds(origin: string): Promise<WorldComparison> {
  const account = { OPENTEXT_TENANT_ID: "sandbox", OPENTEXT_CLIENT_ID: "sandbox", OPENTEXT_CLIENT_SECRET: "sandbox" };
  const there = await decisionsWith({ OPENTEXT_BASE_URL: origin, ...account, ...PATIENT });
  const here = await decisionsWith({ DECISIONS: "local" });
  const differences = [
    ...there.errors.map(({ message, path }) => ({ kind: `an error there: ${message}`, example: path })),
    ...here.errors.map(({ message, path }) => ({ kind: `an error here: ${message}`, example: path })),
    ...Array.from(here.decisions, ([path, expected]) => differenceOf(path, there.decisions.get(path), expected)).flat(),
  ];
  const explained = [...there.decisions.values()].filter(({ reasons }) => reasons.every(({ rule }) => rule !== null));
  return { decisions: here.decisions.size, explained: explained.length, differences };
}

async function decisionsWith(variables: Readonly<Record<string, string>>) {
  const clock = { now: NOW };
  const graph = await startTestDecibel({ variables, now: () => clock.now });
  try {
    return await everyDecision(graph, { beforePage: () => void (clock.now += MINUTE) });
  } finally {
    await graph.stop();
  }
}

/** The engine is one process. */
const PATIENT = {
  OPENTEXT_TIMEOUT_MS: "60000",
  OPENTEXT_BATCH_TIMEOUT_MS: "300000",
  OPENTEXT_QUEUE_LIMIT: "100000",
  // By the clock that jumps: a version is trusted for some intervals, and read again in real time.
  OPENTEXT_VERSION_INTERVAL_MS: "3600000",
};

function differenceOf(path: string, got: Made | undefined, expected: Made): readonly Difference[] {
  const what = whatDiffers(got, expected);
  if (what === undefined) return [];
  const [list, , ...fields] = path.split(".");
  const kind = `${[list, ...fields.filter((_field, index) => index !== 2)].join(".")}: ${what}`;
  return [{ kind, example: `${path}: there ${JSON.stringify(got)}, here ${JSON.stringify(expected)}` }];
}

function whatDiffers(got: Made | undefined, expected: Made): string | undefined {
  if (got === undefined) return "no decision there";
  const keys = Object.keys(expected).filter((key) => key !== "reasons" && !isDeepStrictEqual(got[key], expected[key]));
  const reasonsOf = ({ reasons }: Made): readonly string[] => reasons.map(({ code, message }) => `${code}: ${message}`);
  const [left, right] = [reasonsOf(got), reasonsOf(expected)];
  const areOther = !isDeepStrictEqual(left.toSorted(), right.toSorted());
  if (areOther) keys.push("reasons");
  else if (!isDeepStrictEqual(left, right)) keys.push("order of reasons");
  return keys.length === 0 ? undefined : keys.join(", ");
}
