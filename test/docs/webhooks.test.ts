/** docs/webhooks.md: its file is read, its request is the one that is sent, and its code verifies what Decibel signs. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../schema/event-type.ts";
import { createWebhookClient } from "../../subgraphs/platform/webhook-client.ts";
import { parseWebhooks } from "../../subgraphs/platform/webhooks-file.ts";
import { secretOf } from "../support/receiver.ts";
import { blocks, read } from "./documents.ts";

const DOCUMENT = "docs/webhooks.md";
const blockOf = (language: string): string =>
  blocks.find((block) => block.document === DOCUMENT && block.language === language)?.text ??
  expect.fail(`${DOCUMENT} has no block in ${language}`);

type Given = readonly [secret: string, headers: IncomingHttpHeaders, body: string, now: number];

/** Beside the code of the document, in a process of its own. Prints what that gives, or the message of its error. */
const RUN = `import { verify } from "./verify.mjs";
try {
  console.log(JSON.stringify(verify(...JSON.parse(process.argv[2]))));
} catch (error) {
  console.log(error.message);
}`;

const [, SECRET = ""] = /request above is signed by `(whsec_\S+)`/.exec(read(DOCUMENT)) ?? [];
const shown = shownRequest(blockOf("http"));
const NOW = Number(shown.headers["webhook-timestamp"]) * 1000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "decibel-docs-"));
  await writeFile(join(folder, "verify.mjs"), blockOf("js"));
  await writeFile(join(folder, "run.mjs"), RUN);
});
afterAll(() => rm(folder, { recursive: true }));

async function verified(...given: Given): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "run.mjs"), JSON.stringify(given)]);
  return stdout.trim();
}

function shownRequest(block: string) {
  const [head = "", body = ""] = block.trimEnd().split("\n\n");
  const [, ...lines] = head.split("\n");
  const headers = Object.fromEntries(lines.map((line) => line.split(": ") as [string, string]));
  return { headers, body };
}

/** What a client sends for the event that is shown. */
async function sent(secrets: { readonly secret: string; readonly oldSecret?: string }, now = NOW) {
  let received: { readonly headers: IncomingHttpHeaders; readonly body: string } | undefined;
  const server = createServer((request, response) => {
    void (async () => {
      received = { headers: request.headers, body: await text(request) };
      response.end();
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/decibel`;
  const settings = { secret: "the secret", url: "the URL" };
  const client = createWebhookClient({ ...secrets, name: "webhook-docs", url, settings, now: () => now });
  const { type, timestamp, data } = JSON.parse(shown.body) as { type: string; timestamp: string; data: object };
  await client.send({ id: shown.headers["webhook-id"] ?? "", type, data, at: new Date(timestamp) });
  await client.close();
  server.close();
  return received ?? expect.fail("nothing was sent");
}

describe("docs/webhooks.md", () => {
  it("describes every event", () => {
    const described = Array.from(read(DOCUMENT).matchAll(/^\| `([a-z.]+)` +\|/gm), ([, type]) => type);
    expect(described).toEqual(EVENT_TYPES);
  });

  it("shows a file that is read", () => {
    const variables = { DESK_SECRET: secretOf(1), SUPPORT_SECRET: secretOf(2), SUPPORT_OLD_SECRET: secretOf(3) };
    const endpoints = parseWebhooks("webhooks.yaml", blockOf("yaml"), variables);
    expect(endpoints.map(({ name, fulfils }) => [name, fulfils])).toEqual([
      ["campaign-desk", true],
      ["support", false],
    ]);
    expect(endpoints[1]).toMatchObject({ secret: secretOf(2), oldSecret: secretOf(3) });
  });

  it("shows the request as it is sent", async () => {
    const { headers, body } = await sent({ secret: SECRET });
    expect(body).toBe(shown.body);
    expect(headers).toMatchObject(shown.headers);
  });

  it("shows code that verifies the request, also while the secret changes", async () => {
    expect(await verified(SECRET, shown.headers, shown.body, NOW)).toBe(shown.body);
    const { headers, body } = await sent({ secret: secretOf(1), oldSecret: SECRET });
    expect(await verified(SECRET, headers, body, NOW)).toBe(body);
    expect(await verified(secretOf(1), headers, body, NOW)).toBe(body);
  });

  it.each([
    ["another body", {}, shown.body.replace("ALLOW", "DENY"), SECRET, NOW],
    ["another id", { "webhook-id": "other" }, shown.body, SECRET, NOW],
    ["another secret", {}, shown.body, secretOf(1), NOW],
    ["a signature of another version", { "webhook-signature": "v2,x" }, shown.body, SECRET, NOW],
    ["no timestamp", { "webhook-timestamp": "soon" }, shown.body, SECRET, NOW],
    ["an old timestamp", {}, shown.body, SECRET, NOW + 301_000],
    ["a timestamp of the future", {}, shown.body, SECRET, NOW - 301_000],
  ])("shows code that refuses %s", async (_what, headers, body, secret, now) => {
    const problem = /^(?:no signature matches|its timestamp is too old or too new)$/;
    expect(await verified(secret, { ...shown.headers, ...headers }, body, now)).toMatch(problem);
  });
});
