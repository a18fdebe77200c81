/**
 * How is a request decided that could not be decided when it was made?
 *
 * It is stored as undecided, and an effect retries the decision without limit. A decision made in the meantime wins,
 * because an effect may be carried out twice. Where it can never be decided, because what it is about is gone, or because
 * the rules have no answer to its facts for about an hour, the effect fails, and the item with it: nobody waits for ever. It
 * is not reviewed, because a review is of an evaluation, and there is none.
 */
import { z } from "zod";
import { backgroundContext } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../records/database/database.ts";
import type { Transact } from "../records/mutations/transact.ts";
import { handler } from "../records/outbox/effect.ts";
import type { EffectKind, Handler } from "../records/outbox/effect.ts";

export interface DecideLater<Item, Decided> {
  /** The kind of its effect: `campaigns.route-case`. */
  readonly kind: string;
  readonly find: (id: string) => Promise<Item | undefined>;
  /** False once it is decided or needs no decision any more. */
  readonly isOpen: (item: Item) => boolean;
  /** Who made the request. */
  readonly caller: (item: Item) => string;
  /** Rejects if it cannot be decided now; that is retried. */
  readonly decide: (context: Context, item: Item) => Promise<Decided>;
  readonly apply: (tx: Tx, item: Item, decided: Decided) => Promise<void>;
  /** For one that can never be decided, unless an operator retries it. Default: people see it while it is open. */
  readonly fail?: (tx: Tx, item: Item) => Promise<void>;
}

export interface DecidedLater {
  readonly kind: EffectKind<{ readonly id: string }>;
  readonly handler: Handler<never>;
}

export function decideLater<Item, Decided>(
  transact: Transact,
  { kind: name, find, isOpen, caller, decide, apply, fail }: DecideLater<Item, Decided>,
): DecidedLater {
  const kind: EffectKind<{ readonly id: string }> = {
    name,
    retriesForever: true,
    data: z.object({ id: z.string() }),
  };
  return {
    kind,
    handler: handler({
      kind,
      async perform({ data: { id }, log }) {
        const item = await find(id);
        if (item === undefined || !isOpen(item)) return;
        const decided = await decide(backgroundContext(log, caller(item)), item);
        await transact((tx) => apply(tx, item, decided));
      },
      async failed({ data: { id } }) {
        const item = await find(id);
        if (fail && item !== undefined && isOpen(item)) await transact((tx) => fail(tx, item));
      },
    }),
  };
}
