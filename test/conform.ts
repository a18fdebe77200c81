/**
 * Do the clients and the sandboxes agree with what the upstreams' owners say of them?
 *
 *   npm run conform -- ads-v3.openapi.yaml [web-v1.openapi.yaml]
 *
 * Everything a client asks, and every variant below, goes to the sandbox; the request and the reply are held against the
 * owner's OpenAPI document. One line a check, 1 as the exit code where one fails. The documents are not ours to
 * publish, which is why this is a command and no test.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Sandbox } from "../subgraphs/sandbox/sandbox.ts";
import { createSpotifyAdsSandbox } from "../subgraphs/sandbox/spotify-ads.ts";
import { createCampaigns } from "../subgraphs/sandbox/world/campaigns.ts";
import { createSpotifyAds } from "../subgraphs/sources/spotify-ads.ts";
import { readDescription } from "./openapi.ts";
import type { Description } from "./openapi.ts";

interface Subject {
  readonly sandbox: Sandbox;
  /** The form that buys a token, with the client "sandbox" and its secret "sandbox". */
  readonly grant: Readonly<Record<string, string>>;
  /** Asks everything the client can ask. */
  readonly ask: (origin: string) => Promise<void>;
  /** What else is asked, below the document's prefix. A status of 400 or more: only the reply has to conform. */
  readonly variants: readonly (readonly [path: string, status: number])[];
  /** Fields that replies are known to have although the document does not say so. */
  readonly undocumented: readonly string[];
}

const Calls = z.object({ recent: z.array(z.object({ method: z.string(), path: z.string(), status: z.int() })) });
const NOW = new Date("2026-03-10T00:00:00Z");
const SUBJECTS: readonly (readonly [name: string, make: () => Subject])[] = [["spotify-ads", spotifyAds]];

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

function spotifyAds(): Subject {
  const world = createCampaigns({ scale: 2, now: NOW });
  const accountId = "6c1cf9f7-3d2c-4b0a-9e4e-2a4a1f0d5b11";
  const ids = world.campaigns.map(({ id }) => id);
  const [campaign = "", second = ""] = ids;
  const adSet = world.adSets[0]?.id ?? "";
  const account = `/ad_accounts/${accountId}`;
  const report = `${account}/aggregate_reports?entity_type=CAMPAIGN&fields=IMPRESSIONS&fields=SPEND`;
  const sandbox = createSpotifyAdsSandbox({ world, accountId, reportRows: 20 });
  return {
    sandbox,
    grant: { grant_type: "refresh_token", refresh_token: "sandbox" },
    async ask(origin) {
      const client = createSpotifyAds({
        baseUrl: `${origin}/ads/v3`,
        tokenUrl: `${origin}/api/token`,
        accountId,
        clientId: "sandbox",
        clientSecret: "sandbox",
        refreshToken: "sandbox",
      });
      await client.campaigns({ limit: 70, offset: 10 });
      await client.campaigns({ limit: 5, offset: 0, statuses: ["ACTIVE", "RESTRICTED", "DRAFT"] });
      await Promise.all([client.campaignsById(ids), client.ads(ids), client.reports(ids), client.categories()]);
      await client.close();
    },
    variants: [
      [account, 200],
      ["/ad_categories", 200],
      ["/ad_categories?q=gambling", 200],
      [`${account}/campaigns`, 200],
      [`${account}/campaigns?limit=3&offset=118&sort_field=NAME&sort_direction=ASC`, 200],
      [`${account}/campaigns?name=bank&statuses=ACTIVE&statuses=PAUSED`, 200],
      [`${account}/campaigns/${campaign}`, 200],
      [`${account}/ad_sets?campaign_ids=${campaign}&campaign_ids=${second}`, 200],
      [`${account}/ad_sets?statuses=REJECTED&statuses=COMPLETED&limit=50`, 200],
      [`${account}/ad_sets/${adSet}`, 200],
      [`${account}/ads?ad_set_ids=${adSet}&limit=1`, 200],
      [`${account}/ads?offset=100&sort_field=STATUS`, 200],
      [`${account}/ads/${world.ads[0]?.id}`, 200],
      [`${report}&granularity=LIFETIME&limit=50`, 200],
      [`${report}&entity_ids=${campaign}&entity_ids_type=CAMPAIGN`, 200],
      [`${report}&entity_ids=${campaign}`, 400],
      [`${account}/campaigns?limit=51`, 400],
      [`${account}/ad_sets?campaign_ids=no-id`, 400],
      [`${account}/aggregate_reports?entity_type=CAMPAIGN`, 400],
      [`${account}/campaigns/${accountId}`, 404],
      [`/ad_accounts/${campaign}/ads`, 403],
    ],
    undocumented: ["/errorCodes"],
  };
}

async function conform(name: string, subject: Subject, description: Description): Promise<void> {
  const origin = await subject.sandbox.listen();
  try {
    await subject.ask(origin);
    const asked = (await callsOf(subject.sandbox)).filter(({ path }) => path.startsWith(`${description.prefix}/`));
    const variants = subject.variants.map(([path, status]) => ({
      method: "GET",
      path: `${description.prefix}${path}`,
      status,
    }));
    const headers = { authorization: await authorization(origin, subject.grant) };
    const known = (objection: string): boolean => !subject.undocumented.includes(objection.split(":")[0] ?? "");
    for (const { method, path, status } of [...asked, ...variants]) {
      const wrong = status < 400 ? description.request(method, path) : [];
      if (method === "GET") {
        const response = await fetch(`${origin}${path}`, { headers });
        if (response.status !== status) wrong.push(`it answered ${response.status}`);
        wrong.push(...description.reply(method, path, response.status, await response.json()).filter(known));
      }
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

/** A URL fit for a line: fifty ids are told as their number. */
function brief(url: string): string {
  const { pathname, searchParams } = new URL(url, "http://host");
  const parameters = [...new Set(searchParams.keys())].map((key) => {
    const [value = "", ...more] = searchParams.getAll(key);
    return more.length > 0 ? `${key}=(${more.length + 1})` : `${key}=${value.length > 40 ? "..." : value}`;
  });
  return parameters.length === 0 ? pathname : `${pathname}?${parameters.join("&")}`;
}
