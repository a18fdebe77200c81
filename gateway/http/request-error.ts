/**
 * What is the response to an HTTP request that is not a GraphQL request?
 *
 * A status and a GraphQL error with a code. Nothing of the request is in it: it may be personal, or of somebody else.
 */
import { errorsOf } from "../../subgraphs/platform/http-errors.ts";

/** Thrown for a request that is answered without being executed. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse(): ReturnType<typeof errorsOf> {
    return errorsOf(this.code, this.message);
  }
}

export function badRequest(message: string): RequestError {
  return new RequestError(400, "BAD_REQUEST", message);
}
