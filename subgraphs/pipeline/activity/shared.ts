/** Which processes tell each other what they do? Those that share a Redis and the account of the decision service. */
import { hash } from "node:crypto";
import type { Logger } from "pino";
import { sharedMinutes, unsharedMinutes } from "../../platform/store/shared-minutes.ts";
import type { SharedMinutes } from "../../platform/store/shared-minutes.ts";
import type { OpenTextAccount } from "../opentext/account.ts";
import { Note } from "./note.ts";

export interface SharedActivityOptions {
  /** Undefined: there is no Redis. */
  readonly url: string | undefined;
  /** Undefined where all is decided here. */
  readonly account: Pick<OpenTextAccount, "baseUrl" | "tenantId"> | undefined;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Between two times that it is told, in milliseconds. */
  readonly everyMs?: number | undefined;
}

export function activityAt({ url, account, ...options }: SharedActivityOptions): SharedMinutes<Note> {
  if (url === undefined) return unsharedMinutes();
  const group = hash("sha256", JSON.stringify([account?.baseUrl, account?.tenantId]), "base64url");
  return sharedMinutes({ ...options, url, group, schema: Note });
}
