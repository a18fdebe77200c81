/** Which GraphQL request does an HTTP request contain? Throws a RequestError for one that contains none. */
import { badRequest } from "./request-error.ts";

export interface GraphQLParameters {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The client wants to know what the operation costs: `extensions: { cost: true }`. */
  readonly asksCost: boolean;
}

/** `body` is parsed JSON. */
export function readBody(body: unknown): GraphQLParameters {
  if (!isRecord(body)) throw badRequest("Cannot read the request: the body is not a JSON object");
  const { query, operationName, variables, extensions } = body;
  return readParameters({ query, operationName, variables, extensions });
}

/** Variables and extensions are JSON in the URL. */
export function readUrl(search: URLSearchParams): GraphQLParameters {
  for (const name of ["query", "operationName", "variables", "extensions"]) {
    if (search.getAll(name).length > 1) throw badRequest(`Cannot read the request: there is more than one ${name}`);
  }
  return readParameters({
    query: search.get("query"),
    operationName: search.get("operationName"),
    variables: parameterOf(search, "variables"),
    extensions: parameterOf(search, "extensions"),
  });
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

function readParameters({ query, operationName, variables, extensions }: Record<string, unknown>): GraphQLParameters {
  if (typeof query !== "string" || query === "") throw badRequest("Cannot read the request: query is not a text");
  if (!isAbsent(operationName) && typeof operationName !== "string")
    throw badRequest("Cannot read the request: operationName is not a text");
  if (!isAbsent(variables) && !isRecord(variables))
    throw badRequest("Cannot read the request: variables is not an object");
  if (!isAbsent(extensions) && !isRecord(extensions))
    throw badRequest("Cannot read the request: extensions is not an object");
  return {
    query,
    operationName: typeof operationName === "string" && operationName !== "" ? operationName : undefined,
    variables: isRecord(variables) ? variables : {},
    asksCost: isRecord(extensions) && extensions["cost"] === true,
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
