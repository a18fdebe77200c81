/**
 * In how many calls are the questions of a batch put to the service?
 *
 * In one each, or in one for up to a hundred where it has an endpoint for that. The answers are the same: where the
 * endpoint turns out not to be there, or refuses a call as a whole, its questions are put one by one.
 */
import type { Logger } from "pino";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import type { Batch } from "./guard.ts";
import type { OpenText } from "../opentext/client.ts";
import type { ExecuteBatch, Execution } from "../opentext/execution.ts";
import { BatchRefusedError, MOST_ITEMS } from "../opentext/batch.ts";
import type { Row } from "../table/table.ts";
import { unanswered } from "./together.ts";
import type { Together } from "./together.ts";

/** Puts each question once. Never rejects. */
export type Caller = (executions: readonly Execution[], batch: Batch) => Promise<Answers>;
/** What came of each. */
export type Answers = ReadonlyMap<Execution, Answered | Error>;
export interface Answered {
  readonly rows: readonly Row[];
  /** When they came, however long the rest of the batch took: milliseconds since the epoch. */
  readonly at: number;
}

/** A call for each. */
export function singly(opentext: Pick<OpenText, "execute">, now: () => number): Caller {
  return async (executions, batch) => {
    const answers = await results(
      executions.map((execution) => batch.run(execution.key, (signal) => call({ ...execution, signal }))),
    );
    return new Map(executions.map((execution, place) => [execution, answers[place] ?? unanswered()]));
  };

  async function call(execution: Execution): Promise<Answered> {
    const rows = await opentext.execute(execution);
    return { rows, at: now() };
  }
}

/** A call for many, as long as there is somebody to take it; what cannot be asked like that goes through `one`. */
export function inBatches(
  executeBatch: ExecuteBatch,
  one: Caller,
  { log, now }: { readonly log: Logger; readonly now: () => number },
): Caller {
  /** Nobody knows before the first answer. */
  let endpoint: "unknown" | "there" | "missing" = "unknown";

  return (executions, batch) => (isForSeveral(batch) ? ask(executions, batch) : one(executions, batch));

  async function ask(executions: readonly Execution[], batch: ForSeveral): Promise<Answers> {
    const isSound = ({ key }: Execution): boolean => batch.together.isSound(key);
    const sound = executions.filter(isSound);
    const leftAlone = Map.groupBy(
      executions.filter((execution) => !isSound(execution)),
      ({ key }) => key,
    );
    const tried = Array.from(leftAlone, ([model, asked]) => oneFirst(model, asked, batch));
    return merged(await Promise.all([inCalls(sound, batch), ...tried]));
  }

  /** Of a model that is left alone, one question tries whether it is back; the others follow it, or fail as it did. */
  async function oneFirst(model: string, executions: readonly Execution[], batch: ForSeveral): Promise<Answers> {
    const first = await one(executions.slice(0, 1), batch);
    const others = batch.together.isSound(model) ? inCalls : one;
    return merged([first, await others(executions.slice(1), batch)]);
  }

  async function inCalls(executions: readonly Execution[], batch: ForSeveral): Promise<Answers> {
    const calls = chunksOf(executions);
    // One call finds out for all whether the endpoint is there.
    const first =
      endpoint === "unknown" ? await Promise.all(calls.splice(0, 1).map((asked) => inOne(asked, batch))) : [];
    return merged([...first, ...(await Promise.all(calls.map((asked) => inOne(asked, batch))))]);
  }

  async function inOne(executions: readonly Execution[], batch: ForSeveral): Promise<Answers> {
    if (endpoint === "missing" || executions.length === 1) return one(executions, batch);
    const answers = await batch.together.run(executions, call);
    const refused = executions.filter((execution) => answers.get(execution) instanceof BatchRefusedError);
    const [first] = refused;
    if (!first) return answers;
    note(answers.get(first));
    return merged([answers, await one(refused, batch)]);
  }

  async function call(executions: readonly Execution[], signal: AbortSignal): Promise<Results<Answered>> {
    const answers = await executeBatch(executions, signal);
    const at = now();
    if (endpoint === "unknown") endpoint = "there";
    return answers.map((answer) => (answer instanceof Error ? answer : { rows: answer, at }));
  }

  /** Once that there is no endpoint: it is remembered as long as this process runs. */
  function note(refusal: unknown): void {
    if (endpoint === "missing") return;
    if (refusal instanceof BatchRefusedError && refusal.isMissing) {
      endpoint = "missing";
      log.warn({ err: refusal }, "decision service has no endpoint for batches: asked one by one from now on");
    } else log.warn({ err: refusal }, "decision service refused a batch as a whole: its asks go one by one");
  }
}

type ForSeveral = Batch & { readonly together: Together };

function isForSeveral(batch: Batch): batch is ForSeveral {
  return batch.together !== undefined;
}

function chunksOf(executions: readonly Execution[]): (readonly Execution[])[] {
  return Array.from({ length: Math.ceil(executions.length / MOST_ITEMS) }, (_none, index) =>
    executions.slice(index * MOST_ITEMS, (index + 1) * MOST_ITEMS),
  );
}

/** The last one to speak of a question is right. */
function merged(parts: readonly Answers[]): Answers {
  return new Map(parts.flatMap((part) => [...part]));
}
