/**
 * Which documents are trusted, and for which endpoints?
 *
 * Those of a file: Decibel's own, Apollo's manifest of persisted queries, or Relay's map of ids and texts. Each is known by
 * the SHA-256 of its text, whatever the file calls it, and has to be valid where it is for.
 */
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { getOperationAST, specifiedRules, validate } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { z } from "zod";
import { parseLimited } from "../engine/limits.ts";
import type { Cost } from "./cost.ts";

export interface TrustedDocument {
  readonly text: string;
  /** Of its operation; undefined if it has none. */
  readonly name: string | undefined;
  /** Of where it may be executed. */
  readonly endpoints: readonly string[];
}

/** By the SHA-256 of their texts, in hexadecimal digits. */
export type TrustedDocuments = ReadonlyMap<string, TrustedDocument>;

/** What clients see at each endpoint. */
export type Endpoints = ReadonlyMap<string, GraphQLSchema>;

export interface Manifest {
  readonly version: 1;
  readonly documents: Readonly<
    Record<
      string,
      { readonly name?: string; readonly endpoints: readonly string[]; readonly cost: Cost; readonly text: string }
    >
  >;
}

const Own = z.object({
  version: z.literal(1),
  documents: z.record(
    z.string(),
    z.object({ text: z.string(), name: z.string().optional(), endpoints: z.array(z.string()).optional() }),
  ),
});
const Apollo = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});
const Relay = z.record(z.string(), z.string());

interface Listed {
  /** As the file names it. */
  readonly title: string;
  readonly text: string;
  /** undefined where the file does not say: each at which it is valid. */
  readonly endpoints?: readonly string[] | undefined;
}

/** Throws an Error that names the variable, the file, and every document that is wrong. */
export function readTrustedDocuments(file: string, endpoints: Endpoints): TrustedDocuments {
  const listed = listedIn(file);
  const problems: string[] = [];
  const trusted = new Map<string, TrustedDocument>();
  for (const { title, text, endpoints: given } of listed) {
    const { name, problems: wrong } = validAt(text, endpoints);
    const valid = [...endpoints.keys()].filter((endpoint) => wrong.get(endpoint) === undefined);
    // What is for an endpoint that is not served here is checked where it is.
    const wanted = given?.filter((endpoint) => endpoints.has(endpoint)) ?? valid;
    const [invalid] = given
      ? wanted.filter((endpoint) => !valid.includes(endpoint))
      : valid.length > 0
        ? []
        : endpoints.keys();
    if (invalid === undefined) trusted.set(hashOf(text), { text, name, endpoints: wanted });
    else problems.push(`${title} at ${invalid}: ${wrong.get(invalid)}`);
  }
  if (problems.length === 0) return trusted;
  const shown = problems.slice(0, MAX_SHOWN).join("; ");
  const more = problems.length > MAX_SHOWN ? ` (and ${problems.length - MAX_SHOWN} more)` : "";
  throw new Error(`Cannot read TRUSTED_DOCUMENTS (${file}): these documents are not valid: ${shown}${more}`);
}

const MAX_SHOWN = 5;

/** Of a client that comes with the gateway: over another supergraph some of its documents may not be valid. */
export function trustedWhereValid(
  documents: Readonly<Record<string, string>>,
  endpoint: string,
  schema: GraphQLSchema,
): TrustedDocuments {
  const checked = Object.entries(documents).map(([hash, text]) => {
    const { name, problems } = validAt(text, new Map([[endpoint, schema]]));
    return { hash, text, name, problem: problems.get(endpoint) };
  });
  const valid = checked.filter(({ problem }) => problem === undefined);
  return new Map(valid.map(({ hash, text, name }) => [hash, { text, name, endpoints: [endpoint] }]));
}

/** The SHA-256 of a text, by which it is named. */
export function hashOf(text: string): string {
  return hash("sha256", text, "hex");
}

export interface Checked {
  readonly name: string | undefined;
  readonly document: DocumentNode | undefined;
  /** By endpoint: why it is not valid there; undefined where it is. */
  readonly problems: ReadonlyMap<string, string | undefined>;
}

export function validAt(text: string, endpoints: Endpoints): Checked {
  let document: DocumentNode;
  try {
    document = parseLimited(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return {
      name: undefined,
      document: undefined,
      problems: new Map([...endpoints.keys()].map((name) => [name, problem])),
    };
  }
  const problems = new Map(
    [...endpoints].map(
      ([name, schema]) => [name, validate(schema, document, specifiedRules, ONE)[0]?.message] as const,
    ),
  );
  return { name: getOperationAST(document)?.name?.value, document, problems };
}

const ONE = { maxErrors: 1 };

function listedIn(file: string): readonly Listed[] {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "it is not JSON" : "it cannot be opened";
    throw new Error(`Cannot read TRUSTED_DOCUMENTS (${file}): ${reason}`, { cause: error });
  }
  const own = Own.safeParse(read);
  if (own.success) {
    return Object.entries(own.data.documents).map(([key, { text, name, endpoints }]) => {
      if (key !== hashOf(text))
        throw new Error(`Cannot read TRUSTED_DOCUMENTS (${file}): ${key} is not the SHA-256 of its document`);
      return { title: name ?? key, text, endpoints };
    });
  }
  const apollo = Apollo.safeParse(read);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => ({ title: id, text: body }));
  const relay = Relay.safeParse(read);
  if (relay.success) return Object.entries(relay.data).map(([title, text]) => ({ title, text }));
  throw new Error(`Cannot read TRUSTED_DOCUMENTS (${file}): it is no manifest of Decibel, Apollo or Relay`);
}
