/**
 * How does the page ask the graph?
 *
 * By the hashes of operations that were settled when it was built, at the endpoint that everybody has; what events are is in
 * events.ts. A refused credential ends the session, and an unreachable gateway is told to the connection.
 */
import { Client, createRequest, fetchExchange, subscriptionExchange } from "@urql/core";
import type { AnyVariables, OperationResult, TypedDocumentNode } from "@urql/core";
import { credentials, session, signOut } from "../session/session.ts";
import { lost, reached } from "./connection.ts";
import { subscribe } from "./events.ts";

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
/** Milliseconds: longer than a gateway takes that answers. */
const DEADLINE_MS = 120_000;
const UNREACHABLE: GraphError = { message: "The gateway does not answer.", code: "UNREACHABLE", path: [], details: [] };

let asked = 0;

const client = new Client({
  url: URL,
  preferGetMethod: false,
  fetch: fetchInTime,
  fetchOptions: () => ({ headers: credentials(), cache: "no-store" }),
  exchanges: [
    subscriptionExchange({
      forwardSubscription: ({ documentId, variables = {} }) => ({
        subscribe: (sink) => ({
          unsubscribe: subscribe(Object.assign({ query: "", variables }, { documentId }), {
            ...sink,
            next: ({ data = null, errors }) => sink.next({ data, ...(errors && { errors }) }),
          }),
        }),
      }),
    }),
    fetchExchange,
  ],
});

/** A connection may be dead without a word. */
async function fetchInTime(input: RequestInfo | URL, options: RequestInit = {}): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), DEADLINE_MS);
  const signals = [late.signal, ...(options.signal ? [options.signal] : [])];
  try {
    return await fetch(input, { ...options, signal: AbortSignal.any(signals) });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Never rejects. Each is a request of its own: one that is on its way may be that of another caller, or of before a change, and
 * urql would share it.
 */
export async function ask<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  const { turn } = session.get();
  const request = { ...createRequest(document, variables), key: (asked += 1) };
  return answerOf(await client.executeQuery(request, { requestPolicy: "network-only" }).toPromise(), turn);
}

/** Never rejects. */
export async function change<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  const { turn } = session.get();
  return answerOf(await client.mutation(document, variables).toPromise(), turn);
}

/** Gives a function that ends it. */
export function listen<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  heard: (answer: Answer<Data>) => void,
): () => void {
  const { turn } = session.get();
  const subscription = client.subscription(document, variables).subscribe((result) => heard(answerOf(result, turn)));
  return () => subscription.unsubscribe();
}

/** `asker`: the turn of the session in which it was asked. What one caller may see, or is refused, is nothing to the next. */
function answerOf<Data>({ data, error }: OperationResult<Data>, asker: number): Answer<Data> {
  const { turn, token, problem } = session.get();
  if (asker !== turn) return { data: undefined, errors: [] };
  if (error?.networkError) {
    lost();
    return { data: data ?? undefined, errors: [UNREACHABLE] };
  }
  reached();
  const errors = (error?.graphQLErrors ?? []).map(({ message, extensions, path }) => ({
    message,
    code: typeof extensions["code"] === "string" ? extensions["code"] : "UNKNOWN",
    path: path ?? [],
    details: detailsIn(extensions["fields"]),
  }));
  const refused = errors.find(({ code }) => code === "UNAUTHENTICATED");
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
