/**
 * What does a subscriber get of an event?
 *
 * What its query gives to its caller: nothing where the subject does not exist for it. Callers with the same rights who
 * select the same share one answer, so that a thousand subscribers of an event cost as much as one.
 */
import type { OperationDefinitionNode } from "graphql";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import type { ExecutionResponse } from "../engine/execute.ts";
import type { ExecuteOperation } from "../http/execution.ts";
import { within } from "./in-time.ts";
import type { EventQuery } from "./event-query.ts";
import type { ToldEvent } from "./topics.ts";

export interface Reader {
  readonly query: EventQuery;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

/** undefined: nothing is told. */
export type ReadEvent = (event: ToldEvent, reader: Reader, caller: Caller) => Promise<ExecutionResponse | undefined>;

export function createReadEvent(execute: ExecuteOperation, timeoutMs: number): ReadEvent {
  const answers = new WeakMap<ToldEvent, Map<string, Promise<ExecutionResponse | undefined>>>();
  const names = new WeakMap<OperationDefinitionNode, number>();
  let named = 0;

  return (event, reader, caller) => {
    const known = answers.get(event) ?? new Map<string, Promise<ExecutionResponse | undefined>>();
    answers.set(event, known);
    const key = JSON.stringify([nameOf(reader.query.operation), reader.variables, rightsOf(caller)]);
    const answer = known.get(key) ?? read(event, reader, caller);
    known.set(key, answer);
    return answer;
  };

  async function read(
    { id }: ToldEvent,
    { query, variables, requestId }: Reader,
    caller: Caller,
  ): Promise<ExecutionResponse | undefined> {
    const { document, operation, variable, key } = query;
    const response = await within(timeoutMs, (signal) =>
      execute({
        document,
        operation,
        variables: { ...variables, [variable]: id },
        isDeferring: false,
        requestId,
        caller,
        endsAt: monotonic() + timeoutMs,
        signal,
      }),
    );
    return visibleOf(response, key, caller);
  }

  function nameOf(operation: OperationDefinitionNode): number {
    const name = names.get(operation) ?? (named += 1);
    names.set(operation, name);
    return name;
  }
}

/** A caller with accounts is not told of what may be another's: not even that it could not be read. */
function visibleOf(
  { data, errors }: ExecutionResponse,
  key: string,
  { accounts }: Pick<Caller, "accounts">,
): ExecutionResponse | undefined {
  const isRead = data?.[key] !== undefined && data[key] !== null;
  if (isRead) return { data, ...(errors && { errors }) };
  return errors === undefined || accounts !== undefined ? undefined : { data: null, errors };
}

function rightsOf({ id, scopes, accounts }: Caller): unknown {
  return [id, [...scopes], accounts && [...accounts]];
}
