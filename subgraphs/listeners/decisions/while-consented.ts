/** How long is an answer fresh that rests on a consent? */

/**
 * A withdrawn consent is a new fact and asks anew at once, but whoever holds an answer may act on it until it expires:
 * that must be seconds. The price is one call for each class of listeners every half a minute, not every half an hour.
 */
export const WHILE_CONSENTED_MS = 30_000;
