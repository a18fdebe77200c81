/**
 * What of a subgraph's error may a client see?
 *
 * The message of an error with a code of its own, because somebody wrote it for clients, and those of its extensions that
 * clients know. Any other error is a bug, whatever it says: the client gets "Internal error" and the id of its request, by
 * which the logs are searched. Errors of decisions have codes, so they are never masked.
 */
import type { SubgraphError } from "../engine/slots.ts";

/** Of the extensions of errors. */
const FOR_CLIENTS = [
  "code",
  "argument",
  "fields",
  "requiredScopes",
  "decision",
  "upstream",
  "item",
  "field",
  "retryable",
  "retryAfter",
] as const;

const INTERNAL = "INTERNAL_SERVER_ERROR";
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
/** Of a query that the gateway has made, and no client: what is said of it is about the gateway. */
const OF_THE_QUERY = /^(?:GRAPHQL_|PERSISTED_QUERY_|OPERATION_)/;

/** An error that tells nothing but where to look for its reason. */
export function internalError(requestId: string): Pick<SubgraphError, "message" | "extensions"> {
  return { message: "Internal error", extensions: { code: INTERNAL, requestId } };
}

/** Without its path. */
export function masked(
  { message, extensions }: SubgraphError,
  requestId: string,
): Pick<SubgraphError, "message" | "extensions"> {
  if (!isForClients(extensions)) return internalError(requestId);
  const shown = FOR_CLIENTS.filter((name) => Object.hasOwn(extensions, name));
  return { message, extensions: Object.fromEntries(shown.map((name) => [name, extensions[name]])) };
}

function isForClients(extensions: unknown): extensions is Readonly<Record<string, unknown>> {
  if (typeof extensions !== "object" || extensions === null || !("code" in extensions)) return false;
  const { code } = extensions;
  return typeof code === "string" && CODE.test(code) && code !== INTERNAL && !OF_THE_QUERY.test(code);
}
