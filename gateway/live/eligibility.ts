/**
 * What is a subscriber of `eligibilityChanged` told?
 *
 * Each verdict that is another than the one that it was told last, or that held when it began: exactly what it would notice if
 * it asked again after every change. It watches its subjects before it reads them for the first time, so nothing is missed
 * in between, and all that it is told was read in its own name.
 */
import { execute as executeLocally } from "graphql";
import type { GraphQLSchema } from "graphql";
import { badUserInput } from "../../schema/errors.ts";
import type { Verdict } from "../../schema/verdict.ts";
import type { ExecutionResponse } from "../engine/execute.ts";
import { fragmentsIn } from "../engine/operation.ts";
import { LACKING_NOTHING } from "../engine/scopes.ts";
import type { Demand } from "../limits/demand.ts";
import { createCollector } from "./inbox.ts";
import type { AdmittedRequest } from "./request.ts";
import type { Sessions } from "./sessions.ts";
import { createStream } from "./stream.ts";
import type { LiveStream } from "./stream.ts";
import { asksFor, subjectOf } from "./subjects.ts";
import type { Subject } from "./subjects.ts";
import { operationOf } from "./verdicts.ts";
import type { Decided, ReadVerdicts } from "./verdicts.ts";
import type { Watches } from "./watches.ts";

export interface EligibilityOptions {
  readonly schema: GraphQLSchema;
  readonly demand: Demand;
  readonly sessions: Sessions;
  readonly watches: Watches;
  readonly read: ReadVerdicts;
  /** Told of a fault of this gateway; gives what the client gets last. */
  readonly failed: (error: unknown, request: AdmittedRequest) => ExecutionResponse;
}

/** Of one subscription. */
const MAX_SUBJECTS = 500;
/** What the client has to know: it would be told nothing, ever. */
const REFUSALS: ReadonlySet<unknown> = new Set(["FORBIDDEN", "BAD_USER_INPUT", "LIMIT_EXCEEDED", "NOT_FOUND"]);

/** Rejects with a GraphQLError. */
export type TellEligibility = (request: AdmittedRequest) => Promise<LiveStream>;

export function createTellEligibility({
  schema,
  demand,
  sessions,
  watches,
  read,
  failed,
}: EligibilityOptions): TellEligibility {
  return async (request) => {
    const { args, requestId, signal } = request;
    const subjects = subjectsOf(args);
    assertWithin(subjects);
    /** null: it could not be decided, or does not exist. */
    const told = new Map<Subject, Verdict | null>();
    const inbox = createCollector<Subject>();
    const session = sessions.begin(request);
    const watching = new Map(
      subjects.map((subject) => {
        const verdict = (): Verdict | null => told.get(subject) ?? null;
        return [subject, watches.watch(subject, { verdict, changed: () => inbox.add(subject) })];
      }),
    );
    const stream = createStream({
      inbox,
      read: readChanges,
      failed: (error) => failed(error, request),
      onEnd(end) {
        for (const one of watching.values()) one.end();
        session.end(end);
      },
    });
    session.of(stream);
    try {
      for (const [subject, answer] of await read(subjects, session.caller, requestId, signal)) {
        if (answer instanceof Error && REFUSALS.has(answer.extensions["code"])) throw answer;
        const decided = answer instanceof Error ? null : answer;
        told.set(subject, decided?.verdict ?? null);
        if (decided) watching.get(subject)?.learn(decided);
        else if (answer instanceof Error) watching.get(subject)?.failed();
      }
    } catch (error) {
      stream.end("left");
      throw error;
    }
    return stream;

    async function* readChanges(changed: readonly Subject[]): AsyncGenerator<ExecutionResponse> {
      for (const [subject, answer] of await read(changed, session.caller, requestId)) {
        if (!session.isCurrent()) return;
        if (answer instanceof Error) watching.get(subject)?.failed();
        const previous = told.get(subject) ?? null;
        if (!answer || answer instanceof Error || answer.verdict === previous) continue;
        told.set(subject, answer.verdict);
        session.told();
        yield await select(request, changeOf(subject, previous, answer));
      }
    }
  };

  /** As for queries: of all subjects together. */
  function assertWithin(subjects: readonly Subject[]): void {
    const costs = asksFor(subjects).map((ask) => {
      const operation = operationOf(ask);
      const { document, variables } = ask;
      const fragments = fragmentsIn(document);
      return demand.admit({ schema, operation, fragments, variables, lacking: LACKING_NOTHING }, variables);
    });
    demand.assertWithin({
      fieldCost: costs.reduce((sum, { fieldCost }) => sum + fieldCost, 0),
      openTextCalls: costs.reduce((sum, { openTextCalls }) => sum + openTextCalls, 0),
    });
  }

  async function select(
    { document, operation, variables }: AdmittedRequest,
    eligibilityChanged: object,
  ): Promise<ExecutionResponse> {
    const { data = null, errors } = await executeLocally({
      schema,
      document,
      operationName: operation.name?.value,
      rootValue: { eligibilityChanged },
      variableValues: variables,
    });
    return { data, ...(errors && { errors }) };
  }
}

function subjectsOf({ ids, campaignId }: Readonly<Record<string, unknown>>): readonly Subject[] {
  const given = new Set(Array.isArray(ids) ? ids.map(String) : []);
  if (given.size > MAX_SUBJECTS) throw badUserInput(`Cannot subscribe: more than ${MAX_SUBJECTS} ids`, "ids");
  return [...given].map((id) => subjectOf(id, typeof campaignId === "string" ? campaignId : undefined));
}

function changeOf(
  { id, campaignId }: Subject,
  previous: Verdict | null,
  { id: evaluationId, ...decided }: Decided,
): object {
  return { ...decided, id, campaignId: campaignId ?? null, evaluationId, previous };
}
