/** What is one evaluation, as it is sent to OpenText? */
import type { Results } from "../../platform/results.ts";
import type { IsWanted } from "../../platform/wanted.ts";
import type { Wave } from "../../platform/wave.ts";
import type { Row } from "../table/table.ts";

export interface Execution {
  readonly key: string;
  readonly inputs: readonly TypedInput[];
  /** How many rules the model has: an answer of more rows is refused. Left out: no limit. */
  readonly maxRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** It is not sent once nobody waits for it. Default: somebody always does. */
  readonly isWanted?: IsWanted | undefined;
  /** Told of each call that carries it: the same for all of a batch. Default: nobody is. */
  readonly wave?: Wave | undefined;
}
export type ExecuteBatch = (executions: readonly Execution[], signal?: AbortSignal) => Promise<Results<readonly Row[]>>;
export interface TypedInput {
  readonly name: string;
  /** Left out for a list: the service takes it as it is, and knows no type for it. */
  readonly type?: InputType;
  readonly value: string | number | boolean | readonly (string | number)[];
}
/** The types of the service. They do not include the types `number` and `collection` of a model. */
export type InputType =
  | "string"
  | "integer"
  | "long"
  | "short"
  | "double"
  | "boolean"
  | "date"
  | "instant"
  | "localDate"
  | "localDateTime";
