/** How do several parts of the page share one value? It is set by one of them, and the others are drawn again. */
import { useEffect, useState } from "preact/hooks";

export interface Store<T> {
  get(): T;
  set(value: T): void;
  /** Gives a function that ends it. */
  listen(changed: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const changed of listeners) changed();
    },
    listen(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [, draw] = useState(0);
  useEffect(() => {
    const seen = store.get();
    const end = store.listen(() => draw((count) => count + 1));
    if (!Object.is(seen, store.get())) draw((count) => count + 1);
    return end;
  }, [store]);
  return store.get();
}
