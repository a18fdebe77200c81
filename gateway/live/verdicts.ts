/** Which verdicts do subjects have now, for a caller? As queries say, several subjects in one. */
import { GraphQLError, Kind } from "graphql";
import type { OperationDefinitionNode } from "graphql";
import { z } from "zod";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import type { ExecuteOperation } from "../http/execution.ts";
import { within } from "./in-time.ts";
import { DECISION, asksFor, keyAt } from "./subjects.ts";
import type { Ask, Subject } from "./subjects.ts";

/** A date where a subgraph is in the same process. */
const Time = z.union([z.string(), z.date()]);
const DecidedShape = z.object({
  id: z.string(),
  verdict: z.enum(["ALLOW", "REVIEW", "DENY"]),
  eligible: z.boolean(),
  decidedAt: Time,
  expiresAt: Time.nullable(),
  model: z.object({ key: z.string(), version: z.string() }),
  reasons: z.array(z.unknown()),
});
/** A decision as the graph has it. */
export type Decided = z.infer<typeof DecidedShape>;

/** null: it does not exist for the caller. An error: it cannot be decided, or not be asked. */
export type Answered = Decided | null | GraphQLError;

/** By subject: each has an answer. Rejects where the caller has gone away. */
export type ReadVerdicts = (
  subjects: readonly Subject[],
  caller: Caller,
  requestId: string,
  signal?: AbortSignal,
) => Promise<ReadonlyMap<Subject, Answered>>;

export function createReadVerdicts(execute: ExecuteOperation, timeoutMs: number): ReadVerdicts {
  return async (subjects, caller, requestId, signal) => {
    const answers = await Promise.all(
      asksFor(subjects).map(async (ask) => {
        const { data, errors = [] } = await within(
          timeoutMs,
          (wanted) =>
            execute({
              document: ask.document,
              operation: operationOf(ask),
              variables: ask.variables,
              isDeferring: false,
              requestId,
              caller,
              endsAt: monotonic() + timeoutMs,
              signal: wanted,
            }),
          signal,
        );
        const everywhere = errors.find(({ path }) => path === undefined);
        return ask.subjects.map((subject, place): readonly [Subject, Answered] => {
          const key = keyAt(place);
          const error = everywhere ?? errors.find(({ path }) => path?.[0] === key);
          return [subject, error ? withoutPath(error) : decidedIn(data?.[key])];
        });
      }),
    );
    return new Map(answers.flat());
  };
}

/** The one of the document. */
export function operationOf({ document }: Ask): OperationDefinitionNode {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new RangeError("a document has an operation");
  return operation;
}

function decidedIn(subject: unknown): Decided | null {
  const decision = typeof subject === "object" && subject !== null && DECISION in subject ? subject[DECISION] : null;
  return decision === null ? null : DecidedShape.parse(decision);
}

/** It is one of a query that no client has made. */
function withoutPath({ message, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { extensions });
}
