/**
 * What of a process that can do without the database while it cannot be opened?
 *
 * It starts without, and tries again. A gateway that runs apart reads nothing else there than API keys and events: until
 * then no key can be looked up and nobody can subscribe, which its clients are told, and tokens work.
 */
import type { Logger } from "pino";

export interface WhenThere<Opened> {
  /** undefined until it is open. */
  current(): Opened | undefined;
  close(): Promise<void>;
}

export interface WhenThereOptions<Opened> {
  /** Rejects while the database cannot be opened. */
  readonly open: () => Promise<Opened>;
  /** What this process does meanwhile, and what it does then, for the log. */
  readonly without: string;
  readonly again: string;
  readonly log: Pick<Logger, "warn" | "info">;
  /** Milliseconds before it is opened again. */
  readonly retryMs?: number;
}

const RETRY_MS = 2000;

/** Does not wait for the database. */
export function openWhenThere<Opened extends { close(): Promise<void> }>({
  open,
  without,
  again,
  log,
  retryMs = RETRY_MS,
}: WhenThereOptions<Opened>): WhenThere<Opened> {
  let opened: Opened | undefined;
  let [isClosed, hasFailed] = [false, false];
  let timer: NodeJS.Timeout | undefined;
  let opening = attempt();

  return {
    current: () => opened,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await opening;
      await opened?.close();
    },
  };

  async function attempt(): Promise<void> {
    try {
      opened = await open();
      if (hasFailed) log.info(`the database is open: ${again}`);
    } catch (error) {
      if (!hasFailed) log.warn({ err: error }, `the database cannot be opened: ${without} until it can`);
      hasFailed = true;
      if (!isClosed) timer = setTimeout(() => void (opening = attempt()), retryMs).unref();
    }
  }
}
