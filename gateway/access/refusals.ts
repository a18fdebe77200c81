/**
 * What is a request told whose caller is not known?
 *
 * By RFC 6750: 401, what to send, and of which kind the mistake is. Nothing of the credential is in it.
 */
import { RequestError } from "../http/request-error.ts";

const CODE = "UNAUTHENTICATED";
const SCHEME = "www-authenticate";

export function withoutCredential(): RequestError {
  const message = "Cannot answer: send a token or an API key as Authorization: Bearer, or an API key as X-API-Key";
  return new RequestError(401, CODE, message, { [SCHEME]: "Bearer" });
}

/** `reason` is a sentence without quotes that holds nothing of the credential. */
export function invalidCredential(reason: string): RequestError {
  const challenge = `Bearer error="invalid_token", error_description="${reason}"`;
  return new RequestError(401, CODE, `Cannot answer: ${reason}`, { [SCHEME]: challenge });
}

const RETRY_SECONDS = 5;

/** Not the client's fault: nobody knows now whether its credential is good. */
export function cannotVerify(reason: string): RequestError {
  return new RequestError(503, "AUTHENTICATION_UNAVAILABLE", `Cannot answer: ${reason}`, {
    "retry-after": String(RETRY_SECONDS),
  });
}
