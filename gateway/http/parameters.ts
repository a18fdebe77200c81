/** Which GraphQL request does an HTTP request contain? Throws a RequestError for one that contains none. */
import type { DocumentReference } from "../limits/documents.ts";
import { badRequest } from "./request-error.ts";

export interface GraphQLParameters extends DocumentReference {
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The client wants to know what the operation costs: `extensions: { cost: true }`. */
  readonly asksCost: boolean;
  /** The client wants to know what the operation took: `extensions: { explain: true }`. */
  readonly asksExplain: boolean;
}

/** `body` is parsed JSON. */
export function readBody(body: unknown): GraphQLParameters {
  if (Array.isArray(body)) throw badRequest("Cannot read the request: it is a batch, and a request has one operation");
  if (!isRecord(body)) throw badRequest("Cannot read the request: the body is not a JSON object");
  return readParameters(body);
}

/** Variables and extensions are JSON in the URL. */
export function readUrl(search: URLSearchParams): GraphQLParameters {
  for (const name of NAMES) {
    if (search.getAll(name).length > 1) throw badRequest(`Cannot read the request: there is more than one ${name}`);
  }
  return readParameters({
    query: search.get("query"),
    documentId: search.get("documentId"),
    operationName: search.get("operationName"),
    variables: parameterOf(search, "variables"),
    extensions: parameterOf(search, "extensions"),
  });
}

const NAMES = ["query", "documentId", "operationName", "variables", "extensions"] as const;

/** Whether a URL asks for something to be executed. */
export function isRequest(search: URLSearchParams): boolean {
  return search.has("query") || search.has("documentId") || search.has("extensions");
}

function parameterOf(search: URLSearchParams, name: string): unknown {
  const text = search.get(name);
  if (text === null || text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest(`Cannot read the request: ${name} is not JSON`);
  }
}

function readParameters(given: Readonly<Record<string, unknown>>): GraphQLParameters {
  const { operationName, variables, extensions } = given;
  if (!isAbsent(operationName) && typeof operationName !== "string")
    throw badRequest("Cannot read the request: operationName is not a text");
  if (!isAbsent(variables) && !isRecord(variables))
    throw badRequest("Cannot read the request: variables is not an object");
  if (!isAbsent(extensions) && !isRecord(extensions))
    throw badRequest("Cannot read the request: extensions is not an object");
  return {
    ...readReference(given),
    operationName: typeof operationName === "string" && operationName !== "" ? operationName : undefined,
    variables: isRecord(variables) ? variables : {},
    asksCost: isRecord(extensions) && extensions["cost"] === true,
    asksExplain: isRecord(extensions) && readExplain(extensions["explain"]),
  };
}

function readExplain(explain: unknown): boolean {
  if (isAbsent(explain)) return false;
  if (typeof explain === "boolean") return explain;
  throw badRequest("Cannot read the request: extensions.explain is neither true nor false");
}

const SHA_256 = /^[0-9a-f]{64}$/;
const PREFIX = "sha256:";

function readReference({ query, documentId, extensions }: Readonly<Record<string, unknown>>): DocumentReference {
  const persisted = isRecord(extensions) ? extensions["persistedQuery"] : undefined;
  const isNamed = !isAbsent(documentId) || !isAbsent(persisted);
  const text = isAbsent(query) || query === "" ? undefined : query;
  if (text === undefined ? !isNamed : typeof text !== "string")
    throw badRequest("Cannot read the request: query is not a text");
  return {
    query: typeof text === "string" ? text : undefined,
    persistedHash: readPersisted(persisted),
    trustedHash: readDocumentId(documentId, text),
  };
}

function readPersisted(persisted: unknown): string | undefined {
  if (isAbsent(persisted)) return undefined;
  const { version, sha256Hash: hash } = isRecord(persisted) ? persisted : {};
  if (version === 1 && typeof hash === "string" && SHA_256.test(hash)) return hash;
  throw badRequest("Cannot read the request: persistedQuery is not version 1 with a SHA-256 in hexadecimal digits");
}

function readDocumentId(id: unknown, query: unknown): string | undefined {
  if (isAbsent(id)) return undefined;
  if (query !== undefined) throw badRequest("Cannot read the request: it has a query and a documentId");
  const hash = typeof id === "string" && id.startsWith(PREFIX) ? id.slice(PREFIX.length) : "";
  if (SHA_256.test(hash)) return hash;
  throw badRequest(`Cannot read the request: documentId is not ${PREFIX} and 64 hexadecimal digits`);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
