/**
 * What of API keys while the database cannot be opened?
 *
 * A gateway that runs apart needs it for nothing else: it starts without, and tries again. Until then no key can be looked up,
 * which its clients are told, and tokens work.
 */
import type { Logger } from "pino";
import type { KeyLookup } from "./lookup.ts";

export interface LookupWhenThereOptions {
  /** Rejects while the database cannot be opened. */
  readonly open: () => Promise<KeyLookup>;
  readonly log: Pick<Logger, "warn" | "info">;
  /** Milliseconds before it is opened again. */
  readonly retryMs?: number;
}

const RETRY_MS = 2000;

/** Does not wait for the database. */
export function lookupWhenThere({ open, log, retryMs = RETRY_MS }: LookupWhenThereOptions): KeyLookup {
  let lookup: KeyLookup | undefined;
  let [isClosed, hasFailed] = [false, false];
  let timer: NodeJS.Timeout | undefined;
  let opening = attempt();

  return {
    async find(digest) {
      if (!lookup) throw new Error("Cannot look up an API key: the database is not open yet");
      return lookup.find(digest);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await opening;
      await lookup?.close();
    },
  };

  async function attempt(): Promise<void> {
    try {
      lookup = await open();
      if (hasFailed) log.info("the database is open: API keys are accepted");
    } catch (error) {
      if (!hasFailed) log.warn({ err: error }, "API keys are refused until the database can be opened");
      hasFailed = true;
      if (!isClosed) timer = setTimeout(() => void (opening = attempt()), retryMs).unref();
    }
  }
}
