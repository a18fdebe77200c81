/**
 * What does a resolver know of the request it serves?
 *
 * Three things. Whatever else lives as long as a request (loaders above all) is made on first use by the module that
 * owns it and held in a WeakMap keyed by this context: it goes when the request goes.
 */
import { randomUUID } from "node:crypto";
import type { ApolloFastifyContextFunction } from "@as-integrations/fastify";
import type { Logger } from "pino";
import { requestIdOf } from "./request-id.ts";

export interface Context {
  readonly requestId: string;
  /** Who asks, as the gateway vouches for; `anonymous` where nobody signed in. */
  readonly caller: string;
  readonly log: Logger;
}

/** One context for each request, with a log of its own. */
export function contextOf(log: Logger): ApolloFastifyContextFunction<Context> {
  return async ({ headers }) => {
    const requestId = requestIdOf(headers);
    return { requestId, caller: "anonymous", log: log.child({ requestId }) };
  };
}

/** For what nobody waits for: as if whoever asked for it in the first place asked again. */
export function backgroundContext(log: Logger, caller: string): Context {
  return { requestId: randomUUID(), caller, log };
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
