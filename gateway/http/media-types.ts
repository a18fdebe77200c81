/** In which format does a client want the answer? By its `Accept` header, quality values included. */
import Negotiator from "negotiator";

export const JSON_TYPE = "application/json";
/** Says by the HTTP status whether the operation was executed. */
export const RESPONSE_TYPE = "application/graphql-response+json";
export const HTML_TYPE = "text/html";

export type ResponseType = typeof JSON_TYPE | typeof RESPONSE_TYPE;

/** The first offer is for a client that accepts anything, or says nothing. undefined if none is acceptable. */
export function preferredType<Offer extends string>(
  accept: string | undefined,
  offers: readonly Offer[],
): Offer | undefined {
  if (accept === undefined || accept.trim() === "") return offers[0];
  // All answers are in UTF-8; the negotiator would take the charset for another media type.
  // Java's own client writes `*` for `*/*`.
  const header = accept.replaceAll(/;\s*charset="?utf-?8"?/gi, "").replaceAll(/(?<=^|,)\s*\*\s*(?=[;,]|$)/g, "*/*");
  const type = new Negotiator({ headers: { accept: header } }).mediaType([...offers]);
  return offers.find((offer) => offer === type);
}
