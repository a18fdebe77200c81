/** API keys of a gateway whose database is not there yet. */
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { lookupWhenThere } from "../../subgraphs/records/access/lookup-when-there.ts";

const KEY = { id: "portal", scopes: [], accounts: undefined, expiresAt: undefined };
const log = pino({ enabled: false });
afterEach(() => vi.useRealTimers());

describe("a lookup of API keys without a database", () => {
  it("fails until the database can be opened, which it tries again and again", async () => {
    vi.useFakeTimers();
    let [isThere, attempts, closed] = [false, 0, 0];
    const lookup = lookupWhenThere({
      open: async () => {
        attempts += 1;
        if (!isThere) throw new Error("planted");
        return { find: async () => KEY, close: async () => void (closed += 1) };
      },
      log,
      retryMs: 100,
    });
    await vi.advanceTimersByTimeAsync(250);
    await expect(lookup.find("digest")).rejects.toThrow("the database is not open yet");
    expect(attempts).toBe(3);
    isThere = true;
    await vi.advanceTimersByTimeAsync(100);
    expect(await lookup.find("digest")).toEqual(KEY);
    await lookup.close();
    expect([attempts, closed]).toEqual([4, 1]);
  });
});
