/**
 * Which credential does a request have?
 *
 * One: a token or a key in `Authorization: Bearer`, or a key in `X-API-Key`. Several are refused, whatever they are: a proxy
 * may have read another one of them.
 */
import { looksLikeApiKey } from "../../subgraphs/platform/api-key.ts";
import { badRequest } from "../http/request-error.ts";
import { invalidCredential } from "./refusals.ts";

export interface Credential {
  readonly kind: "token" | "key";
  readonly text: string;
}

const AUTHORIZATION = "authorization";
const API_KEY = "x-api-key";
export const CREDENTIAL_HEADERS: readonly string[] = [AUTHORIZATION, API_KEY];

/** undefined without one. Throws a RequestError. `rawHeaders`: names and values in turn. */
export function credentialOf(rawHeaders: readonly string[]): Credential | undefined {
  const found = rawHeaders.flatMap((text, index) => {
    const name = text.toLowerCase();
    if (index % 2 === 1 || !CREDENTIAL_HEADERS.includes(name)) return [];
    return [{ name, value: rawHeaders[index + 1] ?? "" }];
  });
  const [first, ...others] = found;
  if (first === undefined) return undefined;
  if (others.length > 0) throw badRequest("Cannot read the request: it has several credentials");
  if (first.name === API_KEY) return { kind: "key", text: first.value.trim() };
  const [, text] = /^bearer +(\S+)$/i.exec(first.value.trim()) ?? [];
  if (text === undefined) throw invalidCredential("the Authorization header is not Bearer and one token");
  return { kind: looksLikeApiKey(text) ? "key" : "token", text };
}
