import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QueueFullError, createTurns } from "../../../subgraphs/pipeline/service/turns.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const open = new AbortController().signal;

/** Work that ends when the test says so, and notes when it began. */
function workshop() {
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

describe("turns", () => {
  it("are bounded in number at once, and the next begins when one ends", async () => {
    const turns = createTurns({ concurrency: 2, limit: 10 });
    const { begun, end, work } = workshop();
    const lane = turns.lane(open);
    const all = ["a", "b", "c"].map((name) => lane.take(work(name)));
    expect([begun.join(), turns.working, turns.waiting]).toEqual(["a,b", 2, 1]);
    end("a");
    await all[0];
    await vi.advanceTimersByTimeAsync(0);
    expect(begun.join()).toBe("a,b,c");
    end("b");
    end("c");
    expect(await Promise.all(all)).toEqual(["a", "b", "c"]);
    expect([turns.working, turns.waiting]).toEqual([0, 0]);
  });

  it("go round the lanes: a batch of one does not wait for a batch of a thousand", async () => {
    const turns = createTurns({ concurrency: 1, limit: 2000 });
    const begun: string[] = [];
    const work = (name: string) => async () => void begun.push(name);
    const large = turns.lane(open);
    const many = Array.from({ length: 1000 }, (_none, index) => large.take(work(`large ${index}`)));
    const small = turns.lane(open).take(work("small"));
    await Promise.all([...many, small]);
    expect(begun.indexOf("small")).toBeLessThanOrEqual(2);
  });

  it("begin no more a second than allowed, after a quiet second's worth at once", async () => {
    const turns = createTurns({ concurrency: 100, perSecond: 5, limit: 100 });
    const times: number[] = [];
    const lane = turns.lane(open);
    const all = Array.from({ length: 12 }, () => lane.take(async () => void times.push(Date.now() - 1_000_000)));
    await vi.runAllTimersAsync();
    await Promise.all(all);
    expect(times).toEqual([0, 0, 0, 0, 0, 200, 400, 600, 800, 1000, 1200, 1400]);
  });

  it("stand still while the service wants a pause", async () => {
    const turns = createTurns({ concurrency: 1, limit: 10 });
    turns.pause(3000);
    turns.pause(1000);
    let at = 0;
    const done = turns.lane(open).take(async () => void (at = Date.now() - 1_000_000));
    await vi.runAllTimersAsync();
    await done;
    expect(at).toBe(3000);
  });

  it("are refused at once where too many wait", async () => {
    const turns = createTurns({ concurrency: 1, limit: 1 });
    const { work } = workshop();
    const lane = turns.lane(open);
    void lane.take(work("at work"));
    void lane.take(work("waiting"));
    await expect(lane.take(work("too many"))).rejects.toThrow(new QueueFullError("1 calls are waiting already"));
  });

  it("that wait end with their lane, and leave no timer behind", async () => {
    const turns = createTurns({ concurrency: 1, perSecond: 1, limit: 10 });
    const closing = new AbortController();
    const { begun, work } = workshop();
    const lane = turns.lane(closing.signal);
    const first = lane.take(work("at work"));
    const waiting = [lane.take(work("b")), lane.take(work("c"))];
    closing.abort(new Error("too late"));
    expect(
      (await Promise.allSettled(waiting)).map((result) => result.status === "rejected" && String(result.reason)),
    ).toEqual(["Error: too late", "Error: too late"]);
    await expect(lane.take(work("later"))).rejects.toThrow("too late");
    expect([begun.join(), turns.waiting, vi.getTimerCount()]).toEqual(["at work", 0, 0]);
    void first;
  });

  it("are freed by work that fails, at once or later", async () => {
    const turns = createTurns({ concurrency: 1, limit: 10 });
    const lane = turns.lane(open);
    const results = await Promise.allSettled([
      lane.take(() => {
        throw new Error("at once");
      }),
      lane.take(() => Promise.reject(new Error("later"))),
      lane.take(async () => "fine"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(turns.working).toBe(0);
  });

  it("do not mind a clock that is set back", async () => {
    const turns = createTurns({ concurrency: 10, perSecond: 1, limit: 10 });
    const lane = turns.lane(open);
    await lane.take(async () => {});
    vi.setSystemTime(0);
    let done = false;
    const next = lane.take(async () => void (done = true));
    await vi.advanceTimersByTimeAsync(1000);
    await next;
    expect(done).toBe(true);
  });
});

describe("a call that nobody waits for", () => {
  const quick = async (): Promise<string> => "done";

  it("is made at once, where half of the turns are free", async () => {
    const turns = createTurns({ concurrency: 4, limit: 10 });
    const { begun, end, work } = workshop();
    const first = turns.spare(work("a"));
    const second = turns.spare(work("b"));
    expect([begun.join(), turns.working, turns.hasSpare]).toEqual(["a,b", 2, false]);
    await expect(turns.spare(work("c"))).rejects.toThrow(new QueueFullError("no turn is to spare"));
    end("a");
    expect(await first).toBe("a");
    expect([turns.working, turns.hasSpare]).toEqual([1, true]);
    end("b");
    await second;
    expect(begun.join()).toBe("a,b");
  });

  it("frees its turn also where it fails", async () => {
    const turns = createTurns({ concurrency: 1, limit: 10 });
    await expect(turns.spare(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect([turns.working, await turns.spare(quick)]).toEqual([0, "done"]);
  });

  it("leaves half of a second's calls to those that somebody waits for", async () => {
    const turns = createTurns({ concurrency: 100, perSecond: 5, limit: 10 });
    for (let calls = 0; calls < 3; calls += 1) expect(await turns.spare(quick)).toBe("done");
    expect(turns.hasSpare).toBe(false);
    const lane = turns.lane(open);
    expect(await Promise.all([lane.take(quick), lane.take(quick)])).toEqual(["done", "done"]);
    await vi.advanceTimersByTimeAsync(599);
    expect(turns.hasSpare).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns.hasSpare).toBe(true);
  });

  it("is made also where one call a second is all there is", async () => {
    const turns = createTurns({ concurrency: 1, perSecond: 1, limit: 10 });
    expect([await turns.spare(quick), turns.hasSpare]).toEqual(["done", false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns.hasSpare).toBe(true);
  });

  it("is not made while the service wants a pause", async () => {
    const turns = createTurns({ concurrency: 100, limit: 10 });
    turns.pause(1000);
    await vi.advanceTimersByTimeAsync(999);
    expect(turns.hasSpare).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns.hasSpare).toBe(true);
  });

  it("is not made while somebody waits, also where the pause is over and nobody was woken yet", async () => {
    let clock = 0;
    const turns = createTurns({ concurrency: 100, limit: 10, now: () => clock });
    turns.pause(1000);
    const waiting = turns.lane(open).take(quick);
    clock = 1000;
    expect([turns.waiting, turns.hasSpare]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([await waiting, turns.waiting, turns.hasSpare]).toEqual(["done", 0, true]);
  });
});
