/**
 * How does a process know what upstreams say, without asking them each time?
 *
 * Each source declares its kinds of entities, how long each is fresh, and how it is read. Kinds share the store behind
 * them and hear of each other's drops: those of this process at once, those of others as they are announced. While
 * announcements may be missed, nothing is kept.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../http-reply.ts";
import { createKind } from "./kind.ts";
import type { Kind, KindOptions, KindTools } from "./kind.ts";

export interface Facts {
  of(upstream: string, account: object): UpstreamFacts;
}

/** Of one account. */
export interface UpstreamFacts {
  readonly kind: <Value>(options: KindOptions<Value>) => Kind<Value>;
}

/** In milliseconds. */
export interface Freshness {
  readonly freshForMs: number;
  readonly staleForMs: number;
}

export interface FactsOptions extends Pick<KindTools, "now" | "log" | "shared" | "metrics"> {
  /** By upstream: how long at most, whatever a kind declares. */
  readonly atMost?: Readonly<Record<string, Partial<Freshness>>> | undefined;
  /** How processes tell each other what they dropped. Default: there is one process. */
  readonly channel?: DropChannel | undefined;
  /** Told what decisions on a subject are made from anew: its id in the graph; undefined for any. Default: nobody is. */
  readonly changed?: ((subject: string | undefined) => void) | undefined;
}

export interface DropChannel {
  /** Tells every other process. Rejects where that is not certain. */
  announce(message: string): Promise<void>;
  /** `missed` is called where announcements may have been missed. */
  listen(listeners: { readonly heard: (message: string) => void; readonly missed: () => void }): void;
  /** Whether announcements arrive now. */
  hears(): boolean;
}

/** A kind and its groups; without any, all of them. */
const Announcement = z.array(z.string());
/** Bytes: PostgreSQL's notifications carry 8,000. */
const MAX_MESSAGE = 7500;

export function createFacts({ channel, atMost = {}, changed = () => {}, ...tools }: FactsOptions): Facts {
  const kinds = new Map<string, Pick<Kind<unknown>, "forget">>();
  channel?.listen({
    heard(message) {
      const [kind, ...groups] = Announcement.safeParse(parseJson(message)).data ?? [];
      if (kind === undefined) return forgetAll();
      kinds.get(kind)?.forget(groups.length === 0 ? undefined : groups);
    },
    missed: forgetAll,
  });

  return {
    of(upstream, settings) {
      const account = hash("sha256", JSON.stringify(settings), "base64url");
      const { freshForMs = Infinity, staleForMs = Infinity } = atMost[upstream] ?? {};
      return {
        kind(options) {
          const bounded = {
            ...options,
            freshForMs: Math.min(options.freshForMs, freshForMs),
            staleForMs: Math.min(options.staleForMs, staleForMs),
          };
          const hears = (): boolean => channel?.hears() ?? true;
          const kind = createKind(bounded, { ...tools, upstream, account, announce, hears, changed });
          if (kinds.has(kind.name)) throw new RangeError(`the facts ${kind.name} are declared twice`);
          kinds.set(kind.name, kind);
          return kind;
        },
      };
    },
  };

  function forgetAll(): void {
    for (const kind of kinds.values()) kind.forget();
  }

  async function announce(kind: string, groups: readonly string[]): Promise<void> {
    const message = JSON.stringify([kind, ...groups]);
    await channel?.announce(Buffer.byteLength(message) > MAX_MESSAGE ? JSON.stringify([kind]) : message);
  }
}
