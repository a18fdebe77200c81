/**
 * What do processes that share a Redis tell each other of their last hour?
 *
 * Each writes what it counted in a minute under its own name, as a whole: writing it again changes nothing, and no process
 * counts for another one. It is written a few seconds after something has happened, and not at all while nothing does. Each
 * minute is kept for an hour, also that of a process that has ended since. Nobody waits for it, and a Redis that is down costs
 * what the others told.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { z } from "zod";
import { openRedis } from "./redis-session.ts";

export interface SharedMinutes<Note> {
  /** Something happened in this process. */
  readonly changed: () => void;
  /** Where the minutes of this process are found from now on: those that began at that time or later. */
  share(notes: NotesSince<Note>): void;
  /** Of the other processes; undefined where they cannot be read now. */
  others(): Promise<readonly ToldMinute<Note>[] | undefined>;
  /** Whether there may be others. */
  readonly isShared: boolean;
  /** Writes what was not written yet. */
  close(): Promise<void>;
}

export type NotesSince<Note> = (since: number) => Iterable<readonly [at: number, note: Note]>;

export interface ToldMinute<Note> {
  /** Names a process: another one after a restart. */
  readonly process: string;
  /** When the minute began, in milliseconds since the epoch. */
  readonly at: number;
  readonly note: Note;
}

export interface SharedMinutesOptions<Note> {
  readonly url: string;
  /** Only processes of one group read each other. */
  readonly group: string;
  /** Others may be of another version: what does not fit it is left out. */
  readonly schema: z.ZodType<Note>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Between two times that it is written, in milliseconds. Default 3,000. */
  readonly everyMs?: number | undefined;
  /** How long a read or a write may take, in milliseconds. Default 500: nobody but a reader of a page waits for it. */
  readonly timeoutMs?: number | undefined;
}

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 60;
const TTL_MS = (KEPT_MINUTES + 2) * MINUTE_MS;

export function sharedMinutes<Note>(options: SharedMinutesOptions<Note>): SharedMinutes<Note> {
  const { url, group, schema, log, now, everyMs = 3000, timeoutMs = 500 } = options;
  const redis = openRedis({ url, name: "shared activity", namespace: "decibel:activity", log, timeoutMs });
  const own = randomUUID();
  let notes: NotesSince<Note> = () => [];
  /** Minutes before it are written. */
  let writtenUntil = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<boolean> = Promise.resolve(true);
  let isClosed = false;

  return {
    changed: writeLater,
    share: (given) => void (notes = given),
    isShared: true,
    async others() {
      const current = minuteOf(now());
      const minutes = Array.from({ length: KEPT_MINUTES + 1 }, (_none, index) => current + (1 - index) * MINUTE_MS);
      const maps = await redis.attempt("read", minutes.length, (connection) => connection.fields(minutes.map(keyOf)));
      return maps?.flatMap((fields, index) =>
        Object.entries(fields).flatMap(([process, text]) => {
          const note = process === own ? undefined : noteIn(text);
          return note === undefined ? [] : [{ process, at: minutes[index] ?? 0, note }];
        }),
      );
    },
    async close() {
      isClosed = true;
      const isUnwritten = timer !== undefined;
      clearTimeout(timer);
      await writing;
      if (isUnwritten) await write();
      await redis.close();
    },
  };

  function writeLater(): void {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      writing = write();
      void writing.then((isWritten) => isWritten || writeLater());
    }, everyMs).unref();
  }

  /** Also the minute that was written last: something may have happened in it since. */
  async function write(): Promise<boolean> {
    const until = minuteOf(now());
    const written = [...notes(writtenUntil)].map(([at, note]) => ({
      key: keyOf(at),
      field: own,
      value: JSON.stringify(note),
      ttlMs: TTL_MS,
    }));
    if (written.length === 0) return true;
    const isWritten = await redis.attempt("write", written.length, async (connection) => {
      await connection.setFields(written);
      return true;
    });
    if (isWritten) writtenUntil = until;
    return isWritten === true;
  }

  /** Those of a group are on one node of a cluster. */
  function keyOf(minute: number): string {
    return `{${group}}:${minute}`;
  }

  function noteIn(text: string): Note | undefined {
    try {
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }
}

/** Where there is no Redis, there are no others. */
export function unsharedMinutes<Note>(): SharedMinutes<Note> {
  return { changed: () => {}, share: () => {}, others: async () => [], isShared: false, close: async () => {} };
}

function minuteOf(at: number): number {
  return at - (at % MINUTE_MS);
}
