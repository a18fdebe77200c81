/**
 * How does the page ask the graph?
 *
 * By the hashes of operations that were settled when it was built, at the endpoint that everybody has; events come over
 * server-sent events. A refused credential ends the session, and an unreachable gateway is told to the connection.
 */
import { createClient } from "graphql-sse";
import { credentials, session, signOut } from "../session/session.ts";
import { lost, reached, refresh } from "./connection.ts";
import type { Operation } from "./named.ts";

export interface GraphError {
  readonly message: string;
  readonly code: string;
  readonly path: readonly (string | number)[];
  /** What is wrong with an argument, each by itself; empty where the message says it. */
  readonly details: readonly string[];
}

export interface Answer<Data> {
  readonly data: Data | undefined;
  readonly errors: readonly GraphError[];
}

const URL = "/graphql";
const UNREACHABLE: GraphError = { message: "The gateway does not answer.", code: "UNREACHABLE", path: [], details: [] };

const events = createClient({
  url: URL,
  headers: credentials,
  retryAttempts: Number.POSITIVE_INFINITY,
  on: {
    connecting: (again) => again && lost(),
    connected(again) {
      reached();
      // What happened in between was not told.
      if (again) refresh();
    },
  },
});

interface Result<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: GraphError["path"];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Never rejects. */
export async function ask<Data, Variables extends object>(
  { documentId }: Operation<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  try {
    const response = await fetch(URL, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...credentials() },
      body: JSON.stringify({ documentId, variables }),
      cache: "no-store",
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway that serves this page answers it
    return answerOf((await response.json()) as Result<Data>);
  } catch {
    lost();
    return { data: undefined, errors: [UNREACHABLE] };
  }
}

/** Gives a function that ends it. */
export function listen<Data, Variables extends object>(
  { documentId }: Operation<Data, Variables>,
  variables: Variables,
  heard: (answer: Answer<Data>) => void,
): () => void {
  const request = { query: "", variables: Object.fromEntries(Object.entries(variables)), documentId };
  return events.subscribe<Data>(request, {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same gateway tells it
    next: (result) => heard(answerOf(result as Result<Data>)),
    error: lost,
    complete: () => {},
  });
}

function answerOf<Data>({ data, errors: problems = [] }: Result<Data>): Answer<Data> {
  reached();
  const errors = problems.map(({ message, extensions = {}, path = [] }) => ({
    message,
    code: typeof extensions["code"] === "string" ? extensions["code"] : "UNKNOWN",
    path,
    details: detailsIn(extensions["fields"]),
  }));
  const refused = errors.find(({ code }) => code === "UNAUTHENTICATED");
  const { token, problem } = session.get();
  // Several requests may be refused: the first one says why.
  if (refused && problem === undefined)
    signOut(token === undefined ? "" : refused.message.replace(/^Cannot answer: /, ""));
  return { data: data ?? undefined, errors };
}

/** Of `extensions.fields`: texts by the name of an argument. */
function detailsIn(fields: unknown): readonly string[] {
  if (typeof fields !== "object" || fields === null) return [];
  return Object.values(fields).flatMap((texts: unknown) => (Array.isArray(texts) ? texts.map(String) : []));
}
