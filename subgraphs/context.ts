/**
 * What does a resolver know of the request it serves?
 *
 * Four things. Whatever else lives as long as a request (loaders above all) is made on first use by the module that
 * owns it and held in a WeakMap keyed by this context: it goes when the request goes.
 */
import type { Logger } from "pino";

export interface Context {
  readonly requestId: string;
  /** Who asks, as the gateway vouches for; `anonymous` where nobody signed in. */
  readonly caller: string;
  /** Aborted when the client has gone. Reads of sources may heed it, shared decisions do not. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** One `T` for each request, made by the first who asks for it. */
export function perRequest<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, { readonly value: T }>();
  return (context) => {
    const known = made.get(context);
    if (known) return known.value;
    const value = make(context);
    made.set(context, { value });
    return value;
  };
}
