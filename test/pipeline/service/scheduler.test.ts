import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QueueFullError, UnwantedError, createScheduler } from "../../../subgraphs/pipeline/service/scheduler.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const open = new AbortController().signal;

/** Work that ends when the test says so, and records its start. */
function controlledWork() {
  const begun: string[] = [];
  const finish = new Map<string, () => void>();
  return {
    begun,
    end: (name: string) => finish.get(name)?.(),
    work: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve) => finish.set(name, () => resolve(name)));
    },
  };
}

describe("the scheduler", () => {
  it("runs a limited number of calls at once, and starts the next when one ends", async () => {
    const scheduler = createScheduler({ concurrency: 2, queueLimit: 10 });
    const { begun, end, work } = controlledWork();
    const lane = scheduler.lane(open);
    const all = ["a", "b", "c"].map((name) => lane.run(work(name)));
    expect([begun.join(), scheduler.working, scheduler.waiting]).toEqual(["a,b", 2, 1]);
    end("a");
    await all[0];
    await vi.advanceTimersByTimeAsync(0);
    expect(begun.join()).toBe("a,b,c");
    end("b");
    end("c");
    expect(await Promise.all(all)).toEqual(["a", "b", "c"]);
    expect([scheduler.working, scheduler.waiting]).toEqual([0, 0]);
  });

  it("serves lanes round robin: a batch of one does not wait for a batch of a thousand", async () => {
    const scheduler = createScheduler({ concurrency: 1, queueLimit: 2000 });
    const begun: string[] = [];
    const work = (name: string) => async () => void begun.push(name);
    const large = scheduler.lane(open);
    const many = Array.from({ length: 1000 }, (_none, index) => large.run(work(`large ${index}`)));
    const small = scheduler.lane(open).run(work("small"));
    await Promise.all([...many, small]);
    expect(begun.indexOf("small")).toBeLessThanOrEqual(2);
  });

  it("starts a limited number of calls a second, after a burst of one second's calls", async () => {
    const scheduler = createScheduler({ concurrency: 100, perSecond: 5, queueLimit: 100 });
    const times: number[] = [];
    const lane = scheduler.lane(open);
    const all = Array.from({ length: 12 }, () => lane.run(async () => void times.push(Date.now() - 1_000_000)));
    await vi.runAllTimersAsync();
    await Promise.all(all);
    expect(times).toEqual([0, 0, 0, 0, 0, 200, 400, 600, 800, 1000, 1200, 1400]);
  });

  it("leaves out what nobody waits for when it is its turn, at the cost of nobody", async () => {
    const scheduler = createScheduler({ concurrency: 100, perSecond: 1, queueLimit: 100 });
    const begun: string[] = [];
    const work = (name: string) => async () => void begun.push(`${name} at ${Date.now() - 1_000_000}`);
    let isWanted = true;
    const lane = scheduler.lane(open);
    const first = lane.run(work("first"), () => isWanted);
    const left = ["second", "third"].map((name) => lane.run(work(name), () => isWanted));
    const refused = Promise.all(left.map((one) => expect(one).rejects.toThrow(UnwantedError)));
    const other = scheduler.lane(open).run(work("other"));
    isWanted = false;
    await vi.runAllTimersAsync();
    await Promise.all([first, other, refused]);
    expect(begun).toEqual(["first at 0", "other at 1000"]);
    expect([scheduler.working, scheduler.waiting]).toEqual([0, 0]);
  });

  it("starts nothing during a pause", async () => {
    const scheduler = createScheduler({ concurrency: 1, queueLimit: 10 });
    scheduler.pause(3000);
    scheduler.pause(1000);
    let at = 0;
    const done = scheduler.lane(open).run(async () => void (at = Date.now() - 1_000_000));
    await vi.runAllTimersAsync();
    await done;
    expect(at).toBe(3000);
  });

  it("refuses a call at once if the queue is full", async () => {
    const scheduler = createScheduler({ concurrency: 1, queueLimit: 1 });
    const { work } = controlledWork();
    const lane = scheduler.lane(open);
    void lane.run(work("at work"));
    void lane.run(work("waiting"));
    await expect(lane.run(work("too many"))).rejects.toThrow(new QueueFullError("1 calls are waiting already"));
  });

  it("rejects waiting calls when their lane closes, and clears its timer", async () => {
    const scheduler = createScheduler({ concurrency: 1, perSecond: 1, queueLimit: 10 });
    const closing = new AbortController();
    const { begun, work } = controlledWork();
    const lane = scheduler.lane(closing.signal);
    const first = lane.run(work("at work"));
    const waiting = [lane.run(work("b")), lane.run(work("c"))];
    closing.abort(new Error("too late"));
    expect(
      (await Promise.allSettled(waiting)).map((result) => result.status === "rejected" && String(result.reason)),
    ).toEqual(["Error: too late", "Error: too late"]);
    await expect(lane.run(work("later"))).rejects.toThrow("too late");
    expect([begun.join(), scheduler.waiting, vi.getTimerCount()]).toEqual(["at work", 0, 0]);
    void first;
  });

  it("frees the place of a call that fails, at once or later", async () => {
    const scheduler = createScheduler({ concurrency: 1, queueLimit: 10 });
    const lane = scheduler.lane(open);
    const results = await Promise.allSettled([
      lane.run(() => {
        throw new Error("at once");
      }),
      lane.run(() => Promise.reject(new Error("later"))),
      lane.run(async () => "fine"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(scheduler.working).toBe(0);
  });

  it("does not depend on the system clock", async () => {
    const scheduler = createScheduler({ concurrency: 10, perSecond: 1, queueLimit: 10 });
    const lane = scheduler.lane(open);
    await lane.run(async () => {});
    vi.setSystemTime(0);
    let done = false;
    const next = lane.run(async () => void (done = true));
    await vi.advanceTimersByTimeAsync(1000);
    await next;
    expect(done).toBe(true);
  });
});

describe("a background call", () => {
  const quick = async (): Promise<string> => "done";

  it("runs at once while half of the concurrency is free", async () => {
    const scheduler = createScheduler({ concurrency: 4, queueLimit: 10 });
    const { begun, end, work } = controlledWork();
    const first = scheduler.tryRun(work("a"));
    const second = scheduler.tryRun(work("b"));
    expect([begun.join(), scheduler.working, scheduler.hasSpare]).toEqual(["a,b", 2, false]);
    await expect(scheduler.tryRun(work("c"))).rejects.toThrow(new QueueFullError("no capacity to spare"));
    end("a");
    expect(await first).toBe("a");
    expect([scheduler.working, scheduler.hasSpare]).toEqual([1, true]);
    end("b");
    await second;
    expect(begun.join()).toBe("a,b");
  });

  it("frees its place if it fails", async () => {
    const scheduler = createScheduler({ concurrency: 1, queueLimit: 10 });
    await expect(scheduler.tryRun(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect([scheduler.working, await scheduler.tryRun(quick)]).toEqual([0, "done"]);
  });

  it("leaves half of a second's calls free", async () => {
    const scheduler = createScheduler({ concurrency: 100, perSecond: 5, queueLimit: 10 });
    for (let calls = 0; calls < 3; calls += 1) expect(await scheduler.tryRun(quick)).toBe("done");
    expect(scheduler.hasSpare).toBe(false);
    const lane = scheduler.lane(open);
    expect(await Promise.all([lane.run(quick), lane.run(quick)])).toEqual(["done", "done"]);
    await vi.advanceTimersByTimeAsync(599);
    expect(scheduler.hasSpare).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(scheduler.hasSpare).toBe(true);
  });

  it("says what is left of a second's calls", async () => {
    expect(createScheduler({ concurrency: 1, queueLimit: 10 }).budgets()).toEqual([]);
    const scheduler = createScheduler({ concurrency: 100, perSecond: 5, queueLimit: 10 });
    await Promise.all([scheduler.tryRun(quick), scheduler.tryRun(quick)]);
    const known = { name: "requests", total: 5, agoMs: 0, isOfProcess: true };
    expect(scheduler.budgets()).toEqual([{ ...known, left: 3, fullInMs: 400 }]);
    await vi.advanceTimersByTimeAsync(400);
    expect(scheduler.budgets()).toEqual([{ ...known, left: 5, fullInMs: 0 }]);
  });

  it("runs even at a limit of one call a second", async () => {
    const scheduler = createScheduler({ concurrency: 1, perSecond: 1, queueLimit: 10 });
    expect([await scheduler.tryRun(quick), scheduler.hasSpare]).toEqual(["done", false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(scheduler.hasSpare).toBe(true);
  });

  it("does not run during a pause", async () => {
    const scheduler = createScheduler({ concurrency: 100, queueLimit: 10 });
    scheduler.pause(1000);
    await vi.advanceTimersByTimeAsync(999);
    expect(scheduler.hasSpare).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(scheduler.hasSpare).toBe(true);
  });

  it("does not run while a call waits, even after the pause, before that call is started", async () => {
    let clock = 0;
    const scheduler = createScheduler({ concurrency: 100, queueLimit: 10, now: () => clock });
    scheduler.pause(1000);
    const waiting = scheduler.lane(open).run(quick);
    clock = 1000;
    expect([scheduler.waiting, scheduler.hasSpare]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([await waiting, scheduler.waiting, scheduler.hasSpare]).toEqual(["done", 0, true]);
  });
});
