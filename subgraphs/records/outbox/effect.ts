/**
 * What is an effect, and what carries it out?
 *
 * An effect is a change to an upstream, or a decision that could not be made yet. It may be carried out twice, because a
 * process can die between the change and its record, so every handler is idempotent: it checks first whether the change is
 * there.
 */
import type { Logger } from "pino";
import type { z } from "zod";
import type { Once } from "../../platform/once.ts";
import type { UpstreamError } from "../../platform/upstream-error.ts";

/** A kind of effect, and the data that its handler needs. */
export interface EffectKind<Data> {
  /** The name of its queue, which is mostly its subgraph, a dot, and its own: `campaigns.status`. */
  readonly name: string;
  readonly data: z.ZodType<Data>;
  /** Only the latest effect on a subject counts: sending one deletes an earlier one of the kind that failed. */
  readonly supersedesEarlier?: boolean;
  /** It needs no order: it neither waits for the other effects on its subject nor blocks them. */
  readonly isUnordered?: boolean;
  /**
   * It is retried without limit, unless the rules have no answer (see failure.ts): nothing else would ever repair what it
   * leaves undone.
   */
  readonly retriesForever?: boolean;
}

export interface Effect<Data> {
  /** The id of its subject in the graph. */
  readonly subject: string;
  readonly data: Data;
  /** Not carried out before then; at once where absent. */
  readonly at?: Date | undefined;
}

/** One attempt at one effect. */
export interface Attempt<Data> {
  /** The same for every attempt: an upstream can deduplicate by it. */
  readonly id: string;
  readonly subject: string;
  readonly data: Data;
  readonly log: Logger;
  /** For a write that its upstream cannot deduplicate: after a look that did not find it. */
  readonly once: Once;
  /** Whether such a write was repeated, in this attempt or an earlier one: there may be a twin. */
  readonly isRepeated: () => Promise<boolean>;
}

export interface Handler<Data> {
  readonly kind: EffectKind<Data>;
  /** Idempotent. A rejection is retried, unless the error is permanent. */
  perform(attempt: Attempt<Data>): Promise<void>;
  /** Called when the effect has failed permanently; idempotent too. */
  failed?(attempt: Attempt<Data>): Promise<void>;
  /** Whether an upstream's refusal ends the effect. Default: `UpstreamError.final`. */
  readonly isFinal?: (error: UpstreamError) => boolean;
}

/** Puts handlers of different data into one list. */
export function handler<Data>(typed: Handler<Data>): Handler<never> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- called only with data that its own kind has parsed
  return typed as unknown as Handler<never>;
}

/** What the effect is about is not there. For how long that is believed, see failure.ts. */
export class AbsentError extends Error {
  override readonly name = "AbsentError";
  /** The one that does not have it. */
  readonly upstream: string;

  constructor(message: string, upstream: string) {
    super(message);
    this.upstream = upstream;
  }
}

/** A permanent failure: a retry cannot succeed before a person has intervened. */
export class FinalError extends Error {
  override readonly name = "FinalError";
}
