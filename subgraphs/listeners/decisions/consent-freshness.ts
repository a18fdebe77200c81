/** How long is a decision fresh that depends on consent? */

/**
 * A withdrawal is a changed fact and is decided on at once, but a client may act on an earlier answer until that expires,
 * so it must expire within seconds. The price: each class of listeners costs a call every 30 seconds.
 */
export const CONSENT_FRESH_MS = 30_000;
