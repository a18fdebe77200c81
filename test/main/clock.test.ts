/**
 * What the whole process makes of a clock that is set: eight hours ahead, and right again.
 *
 * The built process gets a clock that the test sets by a signal, which moves also what its libraries and the embedded
 * database take for the time. What has passed since the start is moved apart from it.
 */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ask } from "../support/decibel.ts";
import { partsOf, runMain } from "../support/process.ts";
import type { Run } from "../support/process.ts";

const HOUR_MS = 3_600_000;
/** Each signal sets the clock to the next pair: milliseconds off, and milliseconds passed in addition. */
const STEPS = [
  [8 * HOUR_MS, 0],
  [0, 0],
  [-8 * HOUR_MS, 0],
  [0, 0],
  [HOUR_MS, HOUR_MS],
] as const;
const CLOCK = `
  const steps = ${JSON.stringify(STEPS)};
  const { now } = Date;
  const elapsed = performance.now.bind(performance);
  let [off, passed] = [0, 0];
  globalThis.Date = class extends Date {
    constructor(...given) {
      super(...(given.length === 0 ? [now() + off] : given));
    }
    static now() {
      return now() + off;
    }
  };
  performance.now = () => elapsed() + passed;
  process.on("SIGWINCH", () => {
    [off, passed] = steps.shift();
    process.stdout.write("set\\n");
  });
`;
const EVERYTHING = `{
  campaigns(first: 2) { nodes { name targeting { verdict } } }
  episodes(first: 2) { nodes { title publishing { verdict } } }
  locations(first: 2) { nodes { name playback { verdict } } }
}`;
const Effects = z.object({ effects: z.object({ nodes: z.array(z.object({ kind: z.string() })) }) });

describe("the process", () => {
  it("keeps nothing for hours, hangs on nothing and goes on with its effects while its clock is set", async () => {
    const run = runMain({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CLOCK)}` });
    try {
      const parts = partsOf(await run.banner);
      const gateway = parts.get("gateway") ?? "";
      const sandbox = (name: string, path: string) => new URL(`/sandbox/${path}`, parts.get(`${name} sandbox`));
      const requests = async (name: string): Promise<number> => {
        const calls = z.object({ requests: z.int().optional(), lists: z.int().optional(), tokens: z.int().optional() });
        const { requests: count, tokens = 0 } = calls.parse(await (await fetch(sandbox(name, "calls"))).json());
        return count ?? tokens;
      };
      const UPSTREAMS = ["spotify-ads", "megaphone", "soundtrack", "opentext"];
      const all = async () => Promise.all(UPSTREAMS.map(requests));
      const answer = async () => expect(await ask(gateway, EVERYTHING)).toMatchObject({ errors: [] });
      const effects = async (status: string) =>
        Effects.parse((await ask(gateway, `{ effects(status: ${status}) { nodes { kind } } }`)).data).effects.nodes;
      const pause = () =>
        ask(gateway, `mutation { pauseCampaign(input: { campaignId: "${CAMPAIGN}" }) { campaign { id } } }`);

      await answer();
      await set(run);
      await answer();
      // An effect that is due hours from now, as soon as the clock is right again.
      await fetch(sandbox("spotify-ads", "faults"), fault({ status: 503, only: "write" }));
      expect(await pause()).toMatchObject({ errors: [] });
      await expect.poll(() => effects("RETRYING"), POLL).toHaveLength(1);
      await set(run);
      await fetch(sandbox("spotify-ads", "faults"), { method: "DELETE" });
      await answer();
      await expect.poll(() => effects("RETRYING"), POLL).toEqual([]);
      expect(await effects("FAILED")).toEqual([]);
      await set(run);
      await answer();
      await set(run);
      await answer();

      // An hour later everything that was remembered at any of these times is asked for again, with new tokens.
      const before = await all();
      await set(run);
      await answer();
      const after = await all();
      expect(UPSTREAMS.filter((_name, index) => (after[index] ?? 0) <= (before[index] ?? 0))).toEqual([]);
    } finally {
      run.child.kill("SIGTERM");
      await run.ended;
    }
  }, 60_000);
});

const POLL = { timeout: 30_000 };
const CAMPAIGN = "campaign_7f091672-9b62-42dd-af04-02026522163f";
const fault = (faults: object): RequestInit => ({
  method: "PUT",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(faults),
});

async function set({ child }: Run): Promise<void> {
  const said = child.stdout && once(child.stdout, "data");
  child.kill("SIGWINCH");
  await said;
}
