/** What does a client get that has waited as long as it may? */
import { RequestError } from "./request-error.ts";

export function timedOut(timeoutMs: number): RequestError {
  const message = `Cannot answer: the request took longer than ${timeoutMs} ms, which REQUEST_TIMEOUT_MS allows`;
  return new RequestError(504, "TIMEOUT", message);
}
