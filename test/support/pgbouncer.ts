/** A PgBouncer in front of the PostgreSQL server of the tests. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SERVER } from "./database.ts";
import { freePort, hasPrograms, programNamed, startProgram, temporaryFolder } from "./programs.ts";

const pgbouncer = programNamed("pgbouncer");
export const hasPgBouncer = hasPrograms("PgBouncer", [pgbouncer]);

export interface PgBouncer {
  /** Of a database behind it. */
  urlOf(database: string): string;
  stop(): Promise<void>;
}

export interface PgBouncerOptions {
  readonly mode: "session" | "transaction" | "statement";
  /** Startup parameters that it drops; it refuses the others. */
  readonly ignored?: readonly string[];
  /** How many connections it has to each database. Default 3, so that clients share them. */
  readonly size?: number;
}

export async function startPgBouncer({ mode, ignored = [], size = 3 }: PgBouncerOptions): Promise<PgBouncer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const { hostname, port: serverPort, username, password } = new URL(SERVER);
  const credentials = password === "" ? "" : ` password=${decodeURIComponent(password)}`;
  const lines = [
    "[databases]",
    `* = host=${hostname} port=${serverPort || 5432} user=${username || "root"}${credentials}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = any",
    `pool_mode = ${mode}`,
    `default_pool_size = ${size}`,
    "query_wait_timeout = 10",
    ...(ignored.length > 0 ? [`ignore_startup_parameters = ${ignored.join(",")}`] : []),
  ];
  const file = join(folder.path, "pgbouncer.ini");
  await writeFile(file, `${lines.join("\n")}\n`);
  const program = await startProgram(pgbouncer ?? "", [file], /process up/);
  return {
    urlOf: (database) => `postgres://root@127.0.0.1:${port}/${database}`,
    stop: async () => {
      await program.stop();
      await folder.remove();
    },
  };
}
