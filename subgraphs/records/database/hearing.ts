/**
 * How does a process know that it hears what others announce?
 *
 * By PostgreSQL's notifications, for processes that share a database. While the listener has no connection, or behind a
 * pooler that delivers none, a process hears nothing and says so: then it keeps nothing that others may change. A host that
 * vanishes without a word is noticed when the listener next asks, within 15 seconds.
 */
import type { Logger } from "pino";
import type { Database } from "./database.ts";

export interface Hearing {
  /** Whether announcements arrive now. */
  hears(): boolean;
  close(): Promise<void>;
}

export interface HearingOptions {
  /** PostgreSQL's channel. */
  readonly channel: string;
  readonly heard: (payload: string) => void;
  /** Announcements may have been missed, and are heard again. */
  readonly missed: () => void;
  /** What this process does without notifications, for the log. */
  readonly without: string;
  readonly log: Logger;
}

export async function hear(
  database: Pick<Database, "listen" | "deliversNotifications">,
  options: HearingOptions,
): Promise<Hearing> {
  const { channel, heard, missed, without, log } = options;
  if (!database.deliversNotifications) {
    log.warn(`the database delivers no notifications: ${without}`);
    return { hears: () => false, close: async () => {} };
  }
  let isListening = false;
  const listener = await database.listen(channel, heard, {
    lost: () => void (isListening = false),
    restored() {
      isListening = true;
      missed();
    },
  });
  isListening = true;
  return { hears: () => isListening, close: () => listener.close() };
}
