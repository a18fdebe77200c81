/**
 * What do errors of OpenText look like? The service answers `{message, exception}`; the Apigee gateway in front of it answers
 * `{fault: {faultstring, detail: {errorcode}}}` to a request that does not reach the service.
 */

/** A mistake of the request, with a message for its sender. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

/** An error of the service. */
export function refusal(status: number, exception: string): object {
  return { message: MESSAGES[status] ?? "Bad request", exception };
}

/** An error of the gateway. */
function fault(faultstring: string, errorcode: string): object {
  return { fault: { faultstring, detail: { errorcode } } };
}

export const INVALID_CLIENT = fault("Invalid ApiKey", "oauth.v2.InvalidApiKey");
export const INVALID_TOKEN = fault("Invalid access token", "oauth.v2.InvalidAccessToken");
export const EXPIRED_TOKEN = fault("Access Token expired", "keymanagement.service.access_token_expired");

/** The error of a status that a fault causes. */
export function problem(status: number): object {
  if (status === 401) return INVALID_TOKEN;
  if (status === 429) return OVER_RATE;
  return status > 500 ? AWAY : refusal(status, "Made to fail by /sandbox/faults");
}

const OVER_RATE = fault("Spike arrest violation", "policies.ratelimit.SpikeArrestViolation");
const AWAY = fault("The Service is temporarily unavailable", "messaging.adaptors.http.flow.ServiceUnavailable");
const MESSAGES: Readonly<Record<number, string>> = { 404: "Not found", 500: "Internal server error" };
