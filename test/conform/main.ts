/**
 * Do the clients and the sandboxes conform to the upstreams' OpenAPI documents?
 *
 *   npm run conform -- ads-v3.openapi.yaml [web-v1.openapi.yaml]
 *
 * Sends every request of a client, and every variant in `test/conform/subjects.ts`, to the sandbox. Each request, body
 * and reply is validated against the upstream's OpenAPI document. Prints one line for each check, and exits with 1 if one
 * fails. It is a command and not a test, because the documents may not be published in this repository.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { SUBJECTS } from "./subjects.ts";
import type { Subject } from "./subjects.ts";
import { readDescription } from "./openapi.ts";
import type { Description } from "./openapi.ts";
import { conformToCost } from "./cost.ts";
import { conformToEngine } from "./dmn/main.ts";
import { conformToRouter } from "./router.ts";
import { conformToRules } from "./rules.ts";

/** Writes are recorded while the client sends them: to send one again would be another write. */
interface Write {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly reply: unknown;
}

const Calls = z.object({ recent: z.array(z.object({ method: z.string(), path: z.string(), status: z.int() })) });

const [first, ...others] = process.argv.slice(2);
if (first === "dmn") process.exit(await conformToEngine(others));
if (first === "rules") process.exit(await conformToRules(others));
if (first === "cost") process.exit(await conformToCost(others));
if (first === "router") process.exit(await conformToRouter(others));
const documents = process.argv.slice(2);
if (documents.length === 0 || documents.length > SUBJECTS.length) {
  process.stderr.write(`usage: conform ${SUBJECTS.map(([name]) => `[${name}.yaml]`).join(" ")}\n`);
  process.exit(2);
}
let failed = 0;
for (const [index, file] of documents.entries()) {
  const [name, make] = SUBJECTS[index] ?? [];
  if (name && make) await conform(name, make(), readDescription(await readFile(file, "utf8")));
}
process.stdout.write(`${failed === 0 ? "everything conforms" : `${failed} disagreements`}\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function conform(name: string, subject: Subject, description: Description): Promise<void> {
  const writes = writesOf(subject.sandbox);
  const origin = await subject.sandbox.listen();
  try {
    await subject.ask(origin).catch((error: unknown) => report(name, "the client", [String(error)]));
    const asked = (await callsOf(subject.sandbox)).filter(({ path }) => path.startsWith(`${description.prefix}/`));
    const variants = subject.variants.map(([path, status]) => ({
      method: "GET",
      path: `${description.prefix}${path}`,
      status,
    }));
    const headers = { authorization: await authorization(origin, subject.grant) };
    const known = (objection: string): boolean => !subject.undocumented.includes(objection.split(":")[0] ?? "");
    for (const { method, path, sent, status, reply } of writes) {
      if (!path.startsWith(`${description.prefix}/`)) continue;
      const wrong = status < 400 ? [...description.request(method, path), ...description.body(method, path, sent)] : [];
      wrong.push(...description.reply(method, path, status, reply).filter(known));
      report(name, `${method} ${brief(path.slice(description.prefix.length))} ${status}`, wrong);
    }
    for (const { method, path, status } of [...asked.filter(({ method }) => method === "GET"), ...variants]) {
      const wrong = status < 400 ? description.request(method, path) : [];
      const response = await fetch(`${origin}${path}`, { headers });
      if (response.status !== status) wrong.push(`it answered ${response.status}`);
      wrong.push(...description.reply(method, path, response.status, await response.json()).filter(known));
      report(name, `${method} ${brief(path.slice(description.prefix.length))} ${status}`, wrong);
    }
    const path = variants[0]?.path ?? "";
    const response = await fetch(`${origin}${path}`);
    const wrong = description.reply("GET", path, response.status, await response.json()).filter(known);
    report(name, `GET ${brief(path.slice(description.prefix.length))} ${response.status}`, wrong);
  } finally {
    await subject.sandbox.close();
  }
}

/** The list grows with every write that the sandbox answers. */
function writesOf({ app }: Sandbox): readonly Write[] {
  const writes: Write[] = [];
  app.addHook("onSend", async ({ method, url: path, body: sent }, { statusCode: status }, payload) => {
    if (method !== "GET") writes.push({ method, path, sent, status, reply: JSON.parse(String(payload)) as unknown });
    return payload;
  });
  return writes;
}

async function authorization(origin: string, grant: Subject["grant"]): Promise<string> {
  const response = await fetch(`${origin}/api/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("sandbox:sandbox")}` },
    body: new URLSearchParams(grant),
  });
  return `Bearer ${z.object({ access_token: z.string() }).parse(await response.json()).access_token}`;
}

async function callsOf(sandbox: Sandbox): Promise<z.infer<typeof Calls>["recent"]> {
  return Calls.parse((await sandbox.app.inject("/sandbox/calls")).json()).recent;
}

function report(name: string, what: string, objections: readonly string[]): void {
  process.stdout.write(`${objections.length === 0 ? "ok " : "NOT"} ${name} ${what}\n`);
  for (const objection of objections) process.stdout.write(`      ${objection}\n`);
  failed += objections.length;
}

/** The path and query, shortened to fit a line: a repeated parameter is shown as its count. */
function brief(url: string): string {
  const { pathname, searchParams } = new URL(url, "http://host");
  const parameters = [...new Set(searchParams.keys())].map((key) => {
    const [value = "", ...more] = searchParams.getAll(key);
    return more.length > 0 ? `${key}=(${more.length + 1})` : `${key}=${value.length > 40 ? "..." : value}`;
  });
  return parameters.length === 0 ? pathname : `${pathname}?${parameters.join("&")}`;
}
