/** What is known of upstreams' entities: bounded in age, dropped when we change it, and asked for once. */
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createFacts } from "../../subgraphs/platform/facts/facts.ts";
import type { DropChannel, Facts } from "../../subgraphs/platform/facts/facts.ts";
import type { Fact, Kind, KindOptions } from "../../subgraphs/platform/facts/kind.ts";
import { StoredFact, sharedFacts } from "../../subgraphs/platform/facts/shared.ts";
import type { SharedFacts } from "../../subgraphs/platform/facts/shared.ts";
import { inBackground, isInBackground } from "../../subgraphs/platform/facts/urgency.ts";
import { ItemError } from "../../subgraphs/platform/items.ts";
import type { Results } from "../../subgraphs/platform/results.ts";
import { redisStore } from "../../subgraphs/platform/store/redis-store.ts";
import { memoryStore } from "../../subgraphs/platform/store/store.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { redisForTests } from "../support/redis.ts";

const log = pino({ enabled: false });
const redis = await redisForTests();

type Thing = { readonly id: string; readonly version: number; readonly since?: Date } | null;
type Given = readonly (number | null | string)[];

/** An upstream with one version of each thing. */
class Things {
  version = 1;
  readonly asked: (readonly string[])[] = [];
  readonly inBackground: boolean[] = [];
  answer: (key: string) => Thing | Error = (id) => ({ id, version: this.version });
  wait: () => Promise<void> = async () => {};

  readonly load = async (keys: readonly string[]): Promise<Results<Thing>> => {
    this.asked.push(keys);
    this.inBackground.push(isInBackground());
    const answers = keys.map((key) => this.answer(key));
    await this.wait();
    return answers;
  };
}

/** Both processes of a test hear each other unless it is deaf. */
class Channel implements DropChannel {
  static readonly wire = new EventEmitter().setMaxListeners(0);
  isDeaf = false;
  #missed = (): void => {};
  readonly #id = randomUUID();

  async announce(message: string): Promise<void> {
    Channel.wire.emit("drop", this.#id, message);
  }

  listen({ heard, missed }: Parameters<DropChannel["listen"]>[0]): void {
    this.#missed = missed;
    Channel.wire.on("drop", (from, message) => {
      if (from !== this.#id && !this.isDeaf) heard(message);
    });
  }

  hears(): boolean {
    return !this.isDeaf;
  }

  recover(): void {
    this.isDeaf = false;
    this.#missed();
  }
}

interface Process {
  readonly facts: Facts;
  readonly channel: Channel;
}

const opened: SharedFacts[] = [];
afterAll(async () => void (await Promise.all(opened.map((each) => each.close()))));
/** Undefined: each process has only its own memory. */
const STORES: [string, () => SharedFacts | undefined][] = [
  ["the memory of each process", () => undefined],
  ["a store that processes share", sharedOnce(() => sharedFacts(memoryStore(1000)))],
];
if (redis) STORES.push(["Redis", sharedOnce(() => sharedFacts(sharedRedis()))]);

function sharedRedis() {
  return redisStore({
    url: redis?.href ?? "",
    name: "facts",
    namespace: "decibel:test",
    schema: StoredFact,
    log,
    timeoutMs: 5000,
  });
}

function sharedOnce(open: () => SharedFacts): () => SharedFacts {
  let shared: SharedFacts | undefined;
  return () => {
    if (shared) return shared;
    opened.push((shared = open()));
    return shared;
  };
}

const clock = { now: 1_000_000 };
function processOver(shared: SharedFacts | undefined): Process {
  const channel = new Channel();
  return { channel, facts: createFacts({ now: () => clock.now, log, shared, channel }) };
}

function kindOf({ facts }: Process, things: Things, name: string, more: Partial<KindOptions<Thing>> = {}): Kind<Thing> {
  return facts.of("things", { id: "ours" }).kind({
    entity: name,
    shape: 1,
    freshForMs: 1000,
    staleForMs: 10_000,
    max: 100,
    load: things.load,
    ...more,
  });
}

function versionsOf(facts: Results<Fact<Thing>>): Given {
  return facts.map((fact) => (fact instanceof Error ? fact.message : fact.value && fact.value.version));
}
const get = async (kind: Kind<Thing>, keys: readonly string[], anew?: boolean): Promise<Given> =>
  versionsOf(await kind.get(keys, anew));

describe.each(STORES)("facts in %s", (_title, sharedBy) => {
  const shared = sharedBy();
  beforeAll(async () => {
    if (!shared) return;
    const name = randomUUID();
    const warm = async (): Promise<void> => {
      await shared.write(name, [{ key: "a", value: 1, asOf: 1, epoch: "" }], 10_000);
      if ((await shared.read(name, ["a"], ["a"])).facts[0] === undefined) throw new Error("nothing was stored");
    };
    await vi.waitFor(warm, { timeout: 30_000 });
  });

  /** Two processes, with a kind of the same name in each. */
  function start(more: Partial<KindOptions<Thing>> = {}, over = shared) {
    const things = new Things();
    const [one, other] = [processOver(over), processOver(over)];
    const name = randomUUID();
    return {
      things,
      one: kindOf(one, things, name, more),
      other: kindOf(other, things, name, more),
      channels: [one.channel, other.channel],
    };
  }

  it("asks once for what is fresh, aligned with the keys, and remembers what is absent", async () => {
    const { things, one } = start();
    things.answer = (id) => (id === "absent" ? null : { id, version: 1 });
    expect(await get(one, ["a", "absent", "b", "a"])).toEqual([1, null, 1, 1]);
    expect(await get(one, ["b", "absent"])).toEqual([1, null]);
    expect(await get(one, [])).toEqual([]);
    expect(things.asked).toEqual([["a", "absent", "b"]]);
  });

  it("asks for a batch at once, and only for what is not known", async () => {
    const { things, one } = start();
    await get(one, ["a"]);
    await get(one, ["a", "b", "c"]);
    expect(things.asked).toEqual([["a"], ["b", "c"]]);
  });

  it("joins what is asked for at the same time", async () => {
    const { things, one } = start();
    const all = await Promise.all([get(one, ["a", "b"]), get(one, ["b", "c"]), get(one, ["c", "a"])]);
    expect(all).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(things.asked.flat().toSorted()).toEqual(["a", "b", "c"]);
  });

  it("says how old a fact is, by when its read began", async () => {
    const { things, one } = start();
    things.wait = async () => void (clock.now += 50);
    const began = clock.now;
    const [fact] = await one.get(["a"]);
    expect(fact).toEqual({ value: { id: "a", version: 1 }, asOf: began, freshUntil: began + 1000 });
    clock.now += 100;
    expect(await one.get(["a"])).toEqual([fact]);
  });

  it("gives what is stale at once, and reads it anew in the background, all of it together", async () => {
    const { things, one } = start();
    await get(one, ["a", "b", "c"]);
    things.version = 2;
    clock.now += 1000;
    expect(await Promise.all([get(one, ["a", "b"]), get(one, ["c"])])).toEqual([[1, 1], [1]]);
    await vi.waitFor(async () => expect(await get(one, ["a", "b", "c"])).toEqual([2, 2, 2]));
    expect(things.asked).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
    expect(things.inBackground).toEqual([false, true]);
  });

  it("gives nothing that is older than stale", async () => {
    const { things, one } = start();
    await get(one, ["a"]);
    things.version = 2;
    clock.now += 11_000;
    expect(await get(one, ["a"])).toEqual([2]);
  });

  it("gives nothing from the future, whoever wrote it: the clock was set back", async () => {
    const { things, one, other } = start();
    clock.now += 8 * 3_600_000;
    await get(one, ["a"]);
    clock.now -= 8 * 3_600_000;
    things.version = 2;
    expect(await get(one, ["a"])).toEqual([2]);
    expect(await get(other, ["a"])).toEqual([2]);
  });

  it("keeps no failure, and fails only the keys that failed", async () => {
    const { things, one } = start();
    things.answer = (id) =>
      id === "b" ? new UpstreamError("things", "STATUS", "no", { status: 500 }) : { id, version: 1 };
    expect(await get(one, ["a", "b"])).toEqual([1, "Cannot ask things: no"]);
    things.answer = (id) => ({ id, version: 1 });
    expect(await get(one, ["a", "b"])).toEqual([1, 1]);
    expect(things.asked).toEqual([["a", "b"], ["b"]]);
  });

  it("fails every key of a read that is rejected, and of one that leaves a key out", async () => {
    const { things, one } = start();
    things.wait = () => Promise.reject(new Error("down"));
    expect(await get(one, ["a", "b"])).toEqual(["down", "down"]);
    const short = start({ load: async () => [] }).one;
    expect(await get(short, ["a"])).toEqual([expect.stringMatching(/has to load every key, but a was left out$/)]);
  });

  it("gives what is stale while the upstream fails, and leaves it alone for a while", async () => {
    const { things, one } = start();
    await get(one, ["a"]);
    things.answer = () => new UpstreamError("things", "STATUS", "busy", { status: 429, retryAfterMs: 5000 });
    clock.now += 1000;
    expect(await get(one, ["a"])).toEqual([1]);
    await vi.waitFor(() => expect(things.asked).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.now += 4000;
    for (let times = 0; times < 5; times += 1) expect(await get(one, ["a"])).toEqual([1]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(things.asked).toHaveLength(2);
  });

  it("asks again soon for an item that cannot be read, and never gives it when it is stale", async () => {
    const { things, one } = start({ freshForMs: 60_000 });
    const unreadable = new ItemError("things", { item: "thing a", field: "x", problem: "x: no" });
    things.answer = () => unreadable;
    expect(await one.get(["a"])).toEqual([unreadable]);
    things.answer = (id) => ({ id, version: 2 });
    expect(await get(one, ["a"])).toEqual([2]);
  });

  it("does not fail whom a client waits for by a read that gave way to others", async () => {
    const { things, one } = start();
    const spent = new UpstreamError("things", "STATUS", "no tokens", { status: 429, retryAfterMs: 5000 });
    things.answer = (id) => (isInBackground() ? spent : { id, version: 1 });
    const [behind, awaited] = [inBackground(() => get(one, ["a"])), get(one, ["a", "b"])];
    expect(await Promise.all([behind, awaited])).toEqual([[spent.message], [1, 1]]);
    expect(await get(one, ["a"])).toEqual([1]);
  });

  it("says of a list that lacks an item, and of what is dated ahead, that it is fresh for no longer than that", async () => {
    const { things, one, other } = start({ freshForMs: 60_000 });
    things.answer = (id) =>
      Object.assign([new ItemError("things", { item: "x", field: "", problem: "no" })], { id, version: 1 });
    const [lacking] = await one.get(["a"]);
    expect(lacking).toMatchObject({ freshUntil: clock.now + 10_000 });
    things.answer = (id) => ({ id, version: 1 });
    clock.now += 30_000;
    await one.get(["b"]);
    clock.now -= 30_000;
    for (const kind of [one, other])
      expect(await kind.get(["b"])).toMatchObject([{ asOf: clock.now, freshUntil: clock.now + 60_000 }]);
  });

  it("reads anew where that is asked for, also what is being read already, and gives that to the next", async () => {
    const { things, one, other } = start();
    await get(one, ["a"]);
    things.version = 2;
    expect(await get(one, ["a"], true)).toEqual([2]);
    expect(await get(one, ["a"])).toEqual([2]);
    const gate = Promise.withResolvers<void>();
    things.wait = () => gate.promise;
    const slow = get(other, ["b"]);
    await vi.waitFor(() => expect(things.asked).toHaveLength(3));
    things.version = 3;
    things.wait = async () => {};
    expect(await get(other, ["b"], true)).toEqual([3]);
    gate.resolve();
    expect(await slow).toEqual([2]);
    expect(await get(other, ["b"])).toEqual([3]);
  });

  it("forgets what is dropped, in every process in the same moment", async () => {
    const { things, one, other } = start();
    await Promise.all([get(one, ["a", "b"]), get(other, ["a", "b"])]);
    things.version = 2;
    await one.drop(["a"]);
    expect(await Promise.all([get(one, ["a", "b"]), get(other, ["a", "b"])])).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });

  it.each([0, 1])("keeps no answer that was under way when process %d dropped it", async (by) => {
    const { things, one, other } = start();
    const gate = Promise.withResolvers<void>();
    things.wait = () => gate.promise;
    const slow = get(other, ["a"]);
    await vi.waitFor(() => expect(things.asked).toHaveLength(1));
    things.version = 2;
    await [one, other][by]?.drop(["a"]);
    things.wait = async () => {};
    gate.resolve();
    expect(await slow).toEqual([1]);
    expect(await Promise.all([get(one, ["a"]), get(other, ["a"])])).toEqual([[2], [2]]);
  });

  it("keeps nothing while it may miss what others drop, and nothing of before when it hears again", async () => {
    const { things, one, other, channels } = start();
    await get(other, ["a"]);
    const [, deaf] = channels;
    if (deaf) deaf.isDeaf = true;
    things.version = 2;
    await one.drop(["a"]);
    expect(other.peek("a")).toBeUndefined();
    expect(await get(other, ["a", "b"])).toEqual([2, 2]);
    things.version = 3;
    await one.drop(["a", "b"]);
    expect(await get(other, ["b"])).toEqual([3]);
    deaf?.recover();
    expect(await get(other, ["a", "b"])).toEqual([3, 3]);
  });

  it("takes nothing of before a drop that it knows of from a store that has lost it", async () => {
    const drop = async (): Promise<void> => {};
    const { things, one, other } = start({}, shared && { ...shared, drop });
    await get(one, ["a", "b"]);
    await get(other, ["b"]);
    things.version = 2;
    await one.drop(["a"]);
    expect(await get(other, ["a", "b"])).toEqual([2, 1]);
    expect(await get(one, ["a", "b"])).toEqual([2, 1]);
  });

  it("drops whole groups, and more of them than one announcement can name", async () => {
    const { things, one, other } = start({ groupOf: (key) => key.split("/")[0] ?? key, max: 10_000 });
    const keys = ["x/1", "x/2", "y/1"];
    await Promise.all([get(one, keys), get(other, keys)]);
    things.version = 2;
    await one.drop(["x"]);
    expect(await Promise.all([get(one, keys), get(other, keys)])).toEqual([
      [2, 2, 1],
      [2, 2, 1],
    ]);
    things.version = 3;
    await one.drop(["y", ...Array.from({ length: 2000 }, (_none, index) => `group ${index}`)]);
    expect(await get(other, ["y/1"])).toEqual([3]);
    await one.drop([]);
    expect(things.asked.length).toBeGreaterThan(0);
  });

  it("learns from other reads, unless it was dropped since, or knows something newer", async () => {
    const { things, one } = start();
    const told = (...keys: readonly string[]) => new Map(keys.map((id) => [id, { id, version: 7 }]));
    await one.learn(
      async () => {},
      () => told("a"),
    );
    expect(await get(one, ["a"])).toEqual([7]);
    await one.learn(
      async () => {
        await one.drop(["b"]);
        clock.now += 1;
        await get(one, ["c"]);
      },
      () => told("b", "c", "d"),
    );
    expect(await get(one, ["b", "c", "d"])).toEqual([1, 1, 7]);
    await expect(
      one.learn(
        () => Promise.reject(new Error("down")),
        () => told("e"),
      ),
    ).rejects.toThrow("down");
    expect(await get(one, ["e"])).toEqual([1]);
    expect(things.asked.flat()).toEqual(["c", "b", "e"]);
  });

  it("keeps none where it is fresh for no time, and still joins", async () => {
    const { things, one, other } = start({ freshForMs: 0, staleForMs: 0 });
    await Promise.all([get(one, ["a"]), get(one, ["a"])]);
    things.version = 2;
    expect(await get(one, ["a"])).toEqual([2]);
    expect(await get(other, ["a"])).toEqual([2]);
    expect(things.asked).toHaveLength(3);
  });

  it("is bounded: the least recently used is forgotten first", async () => {
    const { things, one } = start({ max: 2, ...(shared ? { freshForMs: 1000 } : {}) });
    await get(one, ["a"]);
    await get(one, ["b"]);
    await get(one, ["a"]);
    await get(one, ["c"]);
    things.version = 2;
    expect(await get(one, ["a", "c"])).toEqual([1, 1]);
  });

  it.runIf(shared)(
    "gives to one process what a list has told another, unless anything was dropped meanwhile",
    async () => {
      const written = Promise.withResolvers<void>();
      const write: SharedFacts["write"] = async (...given) => {
        await shared?.write(...given);
        written.resolve();
      };
      const { things, one, other } = start({}, shared && { ...shared, write });
      const told = (version: number, ...keys: readonly string[]) => new Map(keys.map((id) => [id, { id, version }]));
      await one.learn(
        async () => {},
        () => told(7, "a", "b"),
      );
      await written.promise;
      expect(await get(other, ["a", "b"])).toEqual([7, 7]);
      expect(things.asked).toEqual([]);
      await one.learn(
        () => other.drop(["c"]),
        () => told(8, "c", "d"),
      );
      expect(await get(other, ["c", "d"])).toEqual([1, 1]);
    },
  );

  it.runIf(shared)("gives to one process what another has read, with its dates", async () => {
    const { things, one, other } = start();
    const since = new Date(0);
    things.answer = (id) => ({ id, version: 1, since });
    const [fact] = await one.get(["a"]);
    await vi.waitFor(async () => expect(await other.get(["a"])).toEqual([fact]));
    expect(things.asked).toEqual([["a"]]);
  });

  it.runIf(shared)("reads what another process has refreshed meanwhile from there", async () => {
    const { things, one, other } = start();
    await get(one, ["a"]);
    await get(other, ["a"]);
    things.version = 2;
    clock.now += 1000;
    await get(one, ["a"], true);
    expect(await get(other, ["a"])).toEqual([1]);
    await vi.waitFor(async () => expect(await get(other, ["a"])).toEqual([2]));
    expect(things.asked).toHaveLength(2);
  });
});

describe("a kind of facts", () => {
  it("is declared once", () => {
    const process = processOver(undefined);
    kindOf(process, new Things(), "one");
    expect(() => kindOf(process, new Things(), "one")).toThrow("the facts things one are declared twice");
  });

  it("forgets everything after an announcement that cannot be read", async () => {
    const process = processOver(undefined);
    const things = new Things();
    const kind = kindOf(process, things, "more things");
    await get(kind, ["a"]);
    Channel.wire.emit("drop", "another", "{");
    things.version = 2;
    expect(await get(kind, ["a"])).toEqual([2]);
  });
});
