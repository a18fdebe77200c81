/**
 * On which PostgreSQL does a run write, and how does that fail over?
 *
 * On the server of the tests; or on a primary of its own with a synchronous standby, which takes over once. Clients reach
 * them at one address, as they would in production.
 */
import { SERVER, asAdmin, urlOf } from "../support/database.ts";
import { onServer, startPostgresPair } from "../support/postgres-pair.ts";
import { openSwitch } from "../support/switch.ts";

export interface CrashServer {
  readonly host: string;
  /** Of an empty database. */
  readonly url: string;
  /** Resolves when the standby is the primary; does nothing without one, or a second time. */
  failOver(): Promise<void>;
  close(): Promise<void>;
}

export async function openServer(name: string): Promise<CrashServer> {
  await asAdmin(`drop database if exists ${name} with (force)`, `create database ${name} template template0`);
  return {
    host: new URL(SERVER).host,
    url: urlOf(name),
    failOver: async () => {},
    close: () => asAdmin(`drop database if exists ${name} with (force)`),
  };
}

export async function openPair(name: string): Promise<CrashServer> {
  const pair = await startPostgresPair();
  const address = await openSwitch(pair.primary.port);
  // What is acknowledged is on both.
  await onServer(
    pair.primary.port,
    "postgres",
    `create database ${name} template template0`,
    "alter system set synchronous_standby_names = '*'",
    "select pg_reload_conf()",
  );
  const host = `127.0.0.1:${address.port}`;
  let failed: Promise<void> | undefined;
  /** The old primary still answers when the standby takes over, but commits nothing more; then it is gone. */
  async function failOver(): Promise<void> {
    await pair.promote();
    await pair.primary.program.stop("SIGQUIT");
    address.to(pair.standby.port);
    address.cut();
  }
  return {
    host,
    url: `postgres://root@${host}/${name}`,
    failOver: () => (failed ??= failOver()),
    close: async () => {
      await address.close();
      await pair.stop();
    },
  };
}
