/**
 * How do processes share what they have learnt?
 *
 * In a Redis or Valkey, which never fails whoever asks (redis-session.ts).
 */
import type { z } from "zod";
import { openRedis } from "./redis-session.ts";
import type { RedisOptions } from "./redis-session.ts";
import type { Store } from "./store.ts";

export interface RedisStoreOptions<Value> extends RedisOptions {
  /** Other processes write there too, perhaps another version of this code: what does not fit it is a miss. */
  readonly schema: z.ZodType<Value>;
}

export function redisStore<Value extends object>({ schema, ...options }: RedisStoreOptions<Value>): Store<Value> {
  const redis = openRedis(options);
  return {
    getMany: async (keys) => {
      const stored = await redis.attempt("read", keys.length, ({ keyv }) => keyv.getMany<unknown>([...keys]));
      return keys.map((_key, index) => schema.safeParse(stored?.[index]).data);
    },
    setMany: async (entries) =>
      void (await redis.attempt("write", entries.length, ({ keyv }) => keyv.setMany([...entries]))),
    close: () => redis.close(),
  };
}
