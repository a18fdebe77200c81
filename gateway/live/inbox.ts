/** What waits for a subscriber, in the order in which it came? Never more than `max`. */
import type { Inbox } from "./stream.ts";

export interface BoundedInbox<Item> extends Inbox<Item> {
  /** False where too much waits already. */
  put(item: Item): boolean;
}

export function createInbox<Item>(max: number): BoundedInbox<Item> {
  const waiting: Item[] = [];
  let arrived = Promise.withResolvers<void>();
  return {
    put(item) {
      if (waiting.length >= max) return false;
      waiting.push(item);
      arrived.resolve();
      return true;
    },
    async take() {
      if (waiting.length === 0) await arrived.promise;
      const item = waiting.shift();
      if (waiting.length === 0) arrived = Promise.withResolvers();
      return item;
    },
  };
}

export interface Collector<Item> extends Inbox<readonly Item[]> {
  add(item: Item): void;
}

/** Each item waits once, however often it is added: they are taken all together. */
export function createCollector<Item>(): Collector<Item> {
  const waiting = new Set<Item>();
  let arrived = Promise.withResolvers<void>();
  return {
    add(item) {
      waiting.add(item);
      arrived.resolve();
    },
    async take() {
      if (waiting.size === 0) await arrived.promise;
      const items = [...waiting];
      waiting.clear();
      arrived = Promise.withResolvers();
      return items;
    },
  };
}
