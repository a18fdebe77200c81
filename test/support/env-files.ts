/**
 * How do docker and systemd read a file of variables?
 *
 * By the rules that each documents, and by their own programs where they are installed: docker's client reads `--env-file`
 * before it talks to its daemon, and systemd's reader also serves `environment.d`.
 */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import { z } from "zod";

type Read = Readonly<Record<string, string>>;

/** docker-run(1): a line is a comment, or a name and its value as it is. */
export function asDocker(text: string): Read {
  const lines = text.split(/\r?\n/).map((line) => line.trimStart());
  const given = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(/=(.*)/s, 2));
  return Object.fromEntries(given);
}

/** systemd.exec(5), `EnvironmentFile=`: as a shell reads assignments, with nothing expanded and no comments behind a value. */
export function asSystemd(text: string): Read {
  const read: Record<string, string> = {};
  let rest = text;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest);
    if (found) rest = rest.slice(found[0].length);
    return found;
  };
  for (;;) {
    if (rest === "") return read;
    // A backslash at its end continues a comment too.
    if (take(/^\s+/) || take(/^[#;](?:\\[^]|[^\\\n])*/)) continue;
    const [, name] = take(/^([^=\n]*)=[ \t]*/) ?? take(/^.*/) ?? [];
    if (name !== undefined) read[name] = value();
  }

  function value(): string {
    let taken = "";
    // Quotes count at the start, and behind other quotes.
    for (;;) {
      const quoted = take(/^'([^']*)'[ \t]*/) ?? take(/^"((?:\\[^]|[^"\\])*)"[ \t]*/);
      if (!quoted) break;
      const [whole, inner = ""] = quoted;
      taken += whole.startsWith("'") ? inner : inner.replaceAll(/\\(["\\`$]|\n)/g, "$1");
    }
    const [plain = ""] = take(/^(?:\\[^]|[^\\\n])*/) ?? [];
    return (
      taken + plain.trimEnd().replaceAll(/\\([^])/g, (_escape, character) => (character === "\n" ? "" : character))
    );
  }
}

const SYSTEMD = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";
export const hasDocker = spawnSync("docker", ["--version"]).status === 0;
export const hasSystemd = existsSync(SYSTEMD);

/** What docker's client sends to its daemon, in whose place this listens. */
export async function readByDocker(folder: string, text: string): Promise<Read> {
  const file = join(folder, "docker.env");
  await writeFile(file, text);
  const created = Promise.withResolvers<unknown>();
  const daemon = createServer((request, reply) => {
    if (!request.url?.includes("/containers/create")) return void reply.setHeader("api-version", "1.47").end("OK");
    void json(request).then(created.resolve);
    return void reply.writeHead(500).end("{}");
  });
  const socket = join(folder, "docker.sock");
  await once(daemon.listen(socket), "listening");
  const env = { PATH: process.env["PATH"], HOME: folder, DOCKER_HOST: `unix://${socket}` };
  await promisify(execFile)("docker", ["create", "--env-file", file, "image"], { env }).catch((error: Error) =>
    created.reject(error),
  );
  daemon.close();
  const { Env } = z.object({ Env: z.array(z.string()) }).parse(await created.promise);
  return Object.fromEntries(Env.map((line) => line.split(/=(.*)/s, 2)));
}

/** Its reader for `environment.d` keeps no empty values. */
export async function readBySystemd(folder: string, text: string): Promise<Read> {
  await mkdir(join(folder, "environment.d"), { recursive: true });
  await writeFile(join(folder, "environment.d/10.conf"), text);
  const { stdout } = await promisify(execFile)(SYSTEMD, { env: { XDG_CONFIG_HOME: folder } });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", value = ""] = line.split(/=(.*)/s, 2);
      const unquoted = /^"(.*)"$/s
        .exec(value)?.[1]
        ?.replaceAll(/\\(.)/gs, (_escape, each: string) => ESCAPES[each] ?? each);
      return [name, unquoted ?? value];
    }),
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t" };
