/** What a process does without while its database is not there yet. */
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openWhenThere } from "../../subgraphs/records/when-there.ts";

afterEach(() => vi.useRealTimers());

describe("a database that a process can do without", () => {
  it("is opened again and again until it can be, which is said once", async () => {
    vi.useFakeTimers();
    let [isThere, attempts, closed] = [false, 0, 0];
    const lines: string[] = [];
    const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) });
    const opened = { close: async () => void (closed += 1) };
    const database = openWhenThere({
      open: async () => {
        attempts += 1;
        if (!isThere) throw new Error("planted");
        return opened;
      },
      without: "no keys",
      again: "keys",
      log,
      retryMs: 100,
    });
    await vi.advanceTimersByTimeAsync(250);
    expect([database.current(), attempts]).toEqual([undefined, 3]);
    isThere = true;
    await vi.advanceTimersByTimeAsync(100);
    expect(database.current()).toBe(opened);
    await database.close();
    expect([attempts, closed]).toEqual([4, 1]);
    expect(lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual([
      "the database cannot be opened: no keys until it can",
      "the database is open: keys",
    ]);
  });
});
