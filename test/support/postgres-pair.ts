/** A PostgreSQL server and its standby, both of which accept encrypted connections with a certificate of their own authority. */
import { join } from "node:path";
import { Client } from "pg";
import { freePort, hasPrograms, programNamed, runProgram, startProgram, temporaryFolder } from "./programs.ts";
import type { Program } from "./programs.ts";

const [initdb, postgres, basebackup, ctl, openssl] = ["initdb", "postgres", "pg_basebackup", "pg_ctl", "openssl"].map(
  programNamed,
);
export const hasPostgresPair = hasPrograms("PostgreSQL failover", [initdb, postgres, basebackup, ctl, openssl]);

export interface PostgresNode {
  readonly port: number;
  readonly program: Program;
}

export interface PostgresPair {
  readonly primary: PostgresNode;
  readonly standby: PostgresNode;
  /** The authority that signed the certificate, whose name is `localhost`. */
  readonly authority: string;
  /** Makes the standby the primary. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgresPair(): Promise<PostgresPair> {
  const folder = await temporaryFolder();
  const [first, second] = [join(folder.path, "first"), join(folder.path, "second")];
  const certificate = join(folder.path, "server.crt");
  const key = join(folder.path, "server.key");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"];
  await Promise.all([
    runProgram(openssl ?? "", ["req", "-x509", ...made, ...subject, "-keyout", key, "-out", certificate]),
    runProgram(initdb ?? "", ["--pgdata", first, "--username", "root", "--auth", "trust", "--no-sync"]),
  ]);
  const start = async (data: string, ready: RegExp): Promise<PostgresNode> => {
    const port = await freePort();
    const settings = {
      listen_addresses: "localhost",
      port,
      unix_socket_directories: folder.path,
      fsync: "off",
      ssl_cert_file: certificate,
      ssl_key_file: key,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return { port, program: await startProgram(postgres ?? "", ["-D", data, ...args], ready) };
  };
  const primary = await start(first, /ready to accept connections/);
  // Not in the command line, so that a test can turn it off.
  await onServer(primary.port, "postgres", "alter system set ssl = on", "select pg_reload_conf()");
  const source = `host=127.0.0.1 port=${primary.port} user=root`;
  await runProgram(basebackup ?? "", ["-d", source, "-D", second, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
  const standby = await start(second, /ready to accept read-only connections/);
  return {
    primary,
    standby,
    authority: certificate,
    promote: () => runProgram(ctl ?? "", ["promote", "-w", "-D", second]),
    stop: async () => {
      await Promise.all([primary, standby].map(({ program }) => program.stop("SIGQUIT")));
      await folder.remove();
    },
  };
}

/** Runs statements on a server, each by itself. */
export async function onServer(port: number, database: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ host: "127.0.0.1", port, user: "root", database });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
