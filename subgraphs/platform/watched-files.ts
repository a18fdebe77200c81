/**
 * When has a file changed that is read while the process runs?
 *
 * When its content has, whatever touched it: a write, a rename over it, or a link above it that leads elsewhere, as Kubernetes
 * changes a mounted ConfigMap. So its folder is watched, and after each event the content is compared. Several events at once are
 * one. Whoever does not trust events asks for a check.
 */
import { createHash } from "node:crypto";
import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "pino";
import { reasonOf } from "./reason.ts";

export interface WatchedFiles {
  /** Resolves once what the files have now was taken or refused. `anew`: also where they are as before. */
  check(anew?: boolean): Promise<void>;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly paths: readonly string[];
  /** What they have at first, which `changed` is not told. */
  readonly texts: readonly string[];
  /** Takes over what they have now, in the order of the paths. Rejects where that cannot be used: it stays as it was. */
  readonly changed: (texts: readonly string[]) => Promise<void>;
  /** False: only `check` looks at them. */
  readonly isWatching: boolean;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly debounceMs?: number;
}

/** An editor writes a file in several steps. */
const DEBOUNCE_MS = 200;

export function watchFiles(options: WatchOptions): WatchedFiles {
  const { paths, texts, changed, isWatching, log, debounceMs = DEBOUNCE_MS } = options;
  let known = digestOf(texts);
  let timer: NodeJS.Timeout | undefined;
  let checking = Promise.resolve();
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), debounceMs).unref();
  };
  const watchers = isWatching ? Array.from(new Set(paths.map((path) => dirname(path))), watchFolder) : [];
  // What has changed between the first read and now had no event.
  if (isWatching) later();

  return {
    check,
    async close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher?.close();
      await checking;
    },
  };

  function watchFolder(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, later);
      watcher.on("error", (error) => log.warn({ err: error, folder }, "a folder is watched no longer: send SIGHUP"));
      return watcher;
    } catch (error) {
      log.warn({ err: error, folder }, "a folder cannot be watched: send SIGHUP after a change");
      return undefined;
    }
  }

  /** One after the other. */
  function check(anew = false): Promise<void> {
    checking = checking.then(() => checkOnce(anew));
    return checking;
  }

  async function checkOnce(anew: boolean): Promise<void> {
    const which = { files: paths };
    try {
      const found = await Promise.all(paths.map((path) => readFile(path, "utf8")));
      const digest = digestOf(found);
      if (digest === known && !anew) return;
      // A broken file is refused once, not with each event.
      known = digest;
      await changed(found);
      log.info(which, "files were read anew, and are used from now on");
    } catch (error) {
      log.error({ err: error, ...which }, `files are not used, and all stays as it was: ${reasonOf(error)}`);
    }
  }
}

function digestOf(texts: readonly string[]): string {
  const digest = createHash("sha256");
  for (const text of texts) digest.update(`${text.length} `).update(text);
  return digest.digest("hex");
}
