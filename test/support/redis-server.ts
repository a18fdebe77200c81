/** Redis servers of a test's own: one, a primary with its replica, or a cluster. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@keyv/redis";
import { vi } from "vitest";
import {
  freePort,
  hasPrograms,
  makeCertificate,
  openssl,
  programNamed,
  startProgram,
  temporaryFolder,
} from "./programs.ts";
import type { Program } from "./programs.ts";

const redis = programNamed("redis-server");
export const hasRedisServer = hasPrograms("Redis failover", [redis, openssl]);

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly program: Program;
  command(...words: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Settings as `redis-server` takes them: `requirepass`. */
export async function startRedisServer(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const all = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder.path,
    save: '""',
    appendonly: "no",
    // A replica gets its copy at once.
    "repl-diskless-sync-delay": "0",
    ...settings,
  };
  const file = join(folder.path, "redis.conf");
  await writeFile(
    file,
    `${Object.entries(all)
      .map(([name, value]) => `${name} ${value}`)
      .join("\n")}\n`,
  );
  const program = await startProgram(redis ?? "", [file], /Ready to accept connections/);
  const { requirepass: password } = settings;
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    program,
    command: async (...words) => {
      const client = createClient({ url: `redis://127.0.0.1:${port}`, ...(password !== undefined && { password }) });
      client.on("error", () => {});
      await client.connect();
      try {
        const answer: unknown = await client.sendCommand([...words]);
        return Array.isArray(answer) ? answer.join(",") : `${answer as string | number}`;
      } finally {
        client.destroy();
      }
    },
    stop: async () => {
      await program.stop();
      await folder.remove();
    },
  };
}

/** Two nodes that have half of the keys each, and a replica of the first. */
export interface RedisCluster {
  readonly nodes: readonly [first: RedisServer, second: RedisServer, replica: RedisServer];
  stop(): Promise<void>;
}

export async function startRedisCluster(settings: Readonly<Record<string, string>> = {}): Promise<RedisCluster> {
  const node = async (): Promise<RedisServer> =>
    startRedisServer({
      "cluster-enabled": "yes",
      "cluster-node-timeout": "1000",
      "cluster-port": String(await freePort()),
      ...settings,
    });
  const [first, second, replica] = await Promise.all([node(), node(), node()]);
  const stop = async (): Promise<void> =>
    void (await Promise.all([first, second, replica].map((server) => server.stop())));
  try {
    await meet();
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes: [first, second, replica], stop };

  async function meet(): Promise<void> {
    await first.command("cluster", "addslotsrange", "0", "8191");
    await second.command("cluster", "addslotsrange", "8192", "16383");
    for (const other of [second, replica]) {
      const busPort = await other.command("config", "get", "cluster-port");
      await first.command("cluster", "meet", "127.0.0.1", String(other.port), busPort.split(",")[1] ?? "");
    }
    for (const server of [first, second, replica]) {
      await until(server, ["cluster", "info"], /cluster_state:ok[^]*cluster_known_nodes:3/);
    }
    await replica.command("cluster", "replicate", await first.command("cluster", "myid"));
    await until(replica, ["info", "replication"], LINKED);
  }
}

/** What a replica answers to `info replication` once it has what its primary has. */
export const LINKED = /master_link_status:up/;

export async function until(server: RedisServer, words: readonly string[], answer: RegExp): Promise<void> {
  await vi.waitFor(
    async () => {
      const answered = await server.command(...words);
      if (!answer.test(answered)) throw new Error(`${words.join(" ")} answers ${answered}`);
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** Accepts only encrypted connections, with a certificate that nobody knows. */
export async function startTlsRedis(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = await temporaryFolder();
  const { certificate, key } = await makeCertificate(folder.path);
  const port = await freePort();
  const server = await startRedisServer({
    port: "0",
    "tls-port": String(port),
    "tls-cert-file": certificate,
    "tls-key-file": key,
    "tls-auth-clients": "no",
    "tls-ca-cert-file": certificate,
  });
  return {
    url: `rediss://127.0.0.1:${port}`,
    stop: async () => {
      await server.stop();
      await folder.remove();
    },
  };
}
