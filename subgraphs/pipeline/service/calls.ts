/**
 * How many calls do the evaluations of a batch take?
 *
 * One each, or one for up to a hundred where there is an endpoint for that. The answers are the same: where the endpoint
 * is missing, or refuses a call as a whole, its evaluations are called one by one.
 */
import type { Logger } from "pino";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { boundHere } from "../../platform/tracing/span.ts";
import { unanswered } from "./batch-calls.ts";
import type { BatchCalls } from "./batch-calls.ts";
import type { Batch } from "./guard.ts";
import type { OpenText } from "../opentext/client.ts";
import type { ExecuteBatch, Execution } from "../opentext/execution.ts";
import { BatchRefusedError, MAX_ITEMS } from "../opentext/batch.ts";
import type { Row } from "../table/table.ts";

/** Executes each once, apart from retries. Never rejects. */
export type ExecuteAll = (executions: readonly Execution[], batch: Batch) => Promise<Answers>;
export type Answers = ReadonlyMap<Execution, Answer | Error>;
export interface Answer {
  readonly rows: readonly Row[];
  /** When it arrived, in milliseconds since the epoch: the rest of the batch may take longer. */
  readonly at: number;
}

/** One call for each. */
export function callEach(opentext: Pick<OpenText, "execute">, now: () => number): ExecuteAll {
  return async (executions, batch) => {
    const answers = await results(
      executions.map((execution) =>
        batch.run(
          execution.key,
          boundHere((signal) => call({ ...execution, signal })),
          execution.isWanted,
        ),
      ),
    );
    return new Map(executions.map((execution, index) => [execution, answers[index] ?? unanswered()]));
  };

  async function call(execution: Execution): Promise<Answer> {
    execution.wave?.called(new Set([execution.key]));
    const rows = await opentext.execute(execution);
    return { rows, at: now() };
  }
}

/** One call for many; what cannot be called like that goes through `each`. */
export function callInBatches(
  executeBatch: ExecuteBatch,
  each: ExecuteAll,
  { log, now }: { readonly log: Logger; readonly now: () => number },
): ExecuteAll {
  /** Unknown until the first answer. */
  let endpoint: "unknown" | "present" | "missing" = "unknown";

  return (executions, batch) => (takesBatches(batch) ? callAll(executions, batch) : each(executions, batch));

  async function callAll(executions: readonly Execution[], batch: BatchTaking): Promise<Answers> {
    const isClosed = ({ key }: Execution): boolean => batch.batchCalls.isClosed(key);
    const closed = executions.filter(isClosed);
    const open = Map.groupBy(
      executions.filter((execution) => !isClosed(execution)),
      ({ key }) => key,
    );
    const probed = Array.from(open, ([model, group]) => probeThenBatch(model, group, batch));
    return merged(await Promise.all([callChunks(closed, batch), ...probed]));
  }

  /** Where a model's circuit is open, one evaluation probes it; the others follow in batches, or fail as it did. */
  async function probeThenBatch(model: string, executions: readonly Execution[], batch: BatchTaking): Promise<Answers> {
    const probe = await each(executions.slice(0, 1), batch);
    const callOthers = batch.batchCalls.isClosed(model) ? callChunks : each;
    return merged([probe, await callOthers(executions.slice(1), batch)]);
  }

  async function callChunks(executions: readonly Execution[], batch: BatchTaking): Promise<Answers> {
    const chunks = chunksOf(executions);
    // Until it is known whether the endpoint exists, only the first call is sent.
    const first =
      endpoint === "unknown" ? await Promise.all(chunks.splice(0, 1).map((chunk) => callBatch(chunk, batch))) : [];
    return merged([...first, ...(await Promise.all(chunks.map((chunk) => callBatch(chunk, batch))))]);
  }

  async function callBatch(executions: readonly Execution[], batch: BatchTaking): Promise<Answers> {
    if (endpoint === "missing" || executions.length === 1) return each(executions, batch);
    const answers = await batch.batchCalls.run(executions, boundHere(call));
    const refused = executions.filter((execution) => answers.get(execution) instanceof BatchRefusedError);
    const [first] = refused;
    if (!first) return answers;
    rememberRefusal(answers.get(first));
    return merged([answers, await each(refused, batch)]);
  }

  async function call(executions: readonly Execution[], signal: AbortSignal): Promise<Results<Answer>> {
    executions[0]?.wave?.called(new Set(executions.map(({ key }) => key)));
    const answers = await executeBatch(executions, signal);
    const at = now();
    if (endpoint === "unknown") endpoint = "present";
    return answers.map((answer) => (answer instanceof Error ? answer : { rows: answer, at }));
  }

  /** A missing endpoint is logged once and not called again by this process. */
  function rememberRefusal(refusal: unknown): void {
    if (endpoint === "missing") return;
    if (refusal instanceof BatchRefusedError && refusal.isMissing) {
      endpoint = "missing";
      log.warn({ err: refusal }, "decision service has no batch endpoint: sending single evaluations");
    } else log.warn({ err: refusal }, "decision service refused a batch as a whole: its asks go one by one");
  }
}

type BatchTaking = Batch & { readonly batchCalls: BatchCalls };

function takesBatches(batch: Batch): batch is BatchTaking {
  return batch.batchCalls !== undefined;
}

function chunksOf(executions: readonly Execution[]): (readonly Execution[])[] {
  return Array.from({ length: Math.ceil(executions.length / MAX_ITEMS) }, (_none, index) =>
    executions.slice(index * MAX_ITEMS, (index + 1) * MAX_ITEMS),
  );
}

/** Later parts replace earlier ones. */
function merged(parts: readonly Answers[]): Answers {
  return new Map(parts.flatMap((part) => [...part]));
}
