/**
 * No secret and no personal fact is in what operators keep: logs of all levels, traces, metrics, and errors.
 *
 * They are planted in everything that comes in: variables, tokens, headers, documents, inputs, and the answers of upstreams that
 * repeat all that they were sent.
 */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { keysCommand } from "../../subgraphs/records/access/keys.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { startCollector } from "../support/collector.ts";
import { SUBGRAPHS } from "../support/decibel.ts";
import { STARTING, startDeployment } from "../support/start-deployment.ts";
import type { StartOptions } from "../support/decibel.ts";
import { outboxIsIdle } from "../support/mutations.ts";
import { secretOf, startReceiver } from "../support/receiver.ts";
import { ISSUER, AUDIENCE, tokenFor } from "../support/tokens.ts";
import { writeWebhooks } from "../support/webhooks-file.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Different ones, each found by the same word. */
const PLANTED = "pl4nted";
let made = 0;
const plant = (what: string): string => `${PLANTED}-${what}-${(made += 1)}`;

/** Answers everything with 400 and all that it was sent, except for tokens. */
async function startParrot(): Promise<string> {
  const server = createServer(async (request, response) => {
    // First what is secret: a message may be cut.
    const { authorization, "webhook-signature": signature } = request.headers;
    const said = `${authorization} ${String(signature)} ${await text(request)} ${JSON.stringify(request.rawHeaders)}`;
    const isToken = request.url?.includes("token") === true;
    const answer = isToken
      ? { access_token: plant("access-token"), token_type: "Bearer", expires_in: 3600 }
      : { message: said, error: { message: said }, errors: [{ message: said }], detail: said };
    response.writeHead(isToken ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function start(variables: Variables, options: Pick<StartOptions, "now"> = {}) {
  const collector = await startCollector();
  cleanups.push(() => collector.close());
  const graph = await startDeployment({
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${plant("collector")}`,
      OTEL_TRACES_SAMPLER: "always_on",
      TRACE_DOCUMENTS: "true",
      TRACE_UPSTREAMS: "opentext,spotify-ads,spotify-web,megaphone,soundtrack,crm",
      ACCESS_LOG: "true",
      SUBGRAPH_TRANSPORT: "http",
      OUTBOX_RETRIES: "1",
      OUTBOX_RETRY_SECONDS: "0",
      ...variables,
    },
    ...options,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await graph.stop();
    isStopped = true;
  };
  cleanups.push(stop);
  const errors: unknown[] = [];
  /** Keeps the errors that clients see. */
  async function send(body: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const response = await fetch(graph.decibel.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    const answer = await response.text();
    errors.push(...((JSON.parse(answer) as { errors?: unknown[] }).errors ?? []));
    return answer;
  }
  async function tell() {
    const metrics = await Promise.all(
      SUBGRAPHS.map(async (name) => (await fetch(new URL("/metrics", graph.part(name).url))).text()),
    );
    await stop();
    return {
      log: graph.logged.map((line) => JSON.stringify(line)),
      traces: collector.received.map(({ body }) => body),
      metrics,
      errors: errors.map((error) => JSON.stringify(error)),
    };
  }
  return { graph, send, tell };
}

/** Around each place where one of the words is. */
function found(texts: readonly string[], words: readonly string[]): readonly string[] {
  return texts.flatMap((one) =>
    words.flatMap((word) => {
      const at = one.indexOf(word);
      return at < 0 ? [] : [one.slice(Math.max(0, at - 300), at + 100)];
    }),
  );
}

const MUTATIONS = (ids: Readonly<Record<"campaign" | "episode" | "listener" | "location", string>>) => ({
  openCase: {
    campaignId: ids.campaign,
    account: plant("account"),
    customerValue: "VIP",
    country: "DE",
    issue: "BILLING",
    severity: "HIGH",
    description: plant("description"),
  },
  submitSponsorship: {
    campaignId: ids.campaign,
    episodeId: ids.episode,
    brand: plant("brand"),
    productCategory: plant("category"),
    competitors: [plant("competitor")],
  },
  applyTargeting: { campaignId: ids.campaign, include: [plant("segment")], offer: plant("offer") },
  submitEpisode: {
    episodeId: ids.episode,
    disclaimers: [plant("disclaimer")],
    approvals: [plant("approval")],
    transcriptUrl: `https://example.com/${plant("transcript")}`,
    languages: ["en"],
    markets: ["DE"],
  },
  recordEngagement: {
    events: [
      {
        id: plant("event"),
        listenerId: ids.listener,
        kind: "LISTEN",
        product: plant("product"),
        at: "2026-01-01T00:00:00Z",
      },
    ],
  },
  recordConsent: { listenerId: ids.listener, purpose: plant("not-a-purpose"), granted: true },
  routeLead: { idempotencyKey: plant("key"), listenerId: ids.listener },
  recordLicence: { locationId: ids.location, status: "ACTIVE", tier: plant("tier") },
  requestPlaylist: {
    locationId: ids.location,
    title: plant("title"),
    usage: "IN_STORE",
    trackUris: [`spotify:track:${plant("track")}`],
    brandGuidelines: plant("guidelines"),
  },
  resolveCase: { caseId: plant("case"), note: plant("note") },
});

const BOARD = `{
  campaigns(first: 5) { nodes { id name targeting { verdict } activation { verdict } } }
  episodes(first: 5) { nodes { id title publishing { verdict } } }
  locations(first: 5) { nodes { id name playback { verdict } } }
  listeners(first: 5) { nodes { id segments { verdict } lead { verdict } spotifyAccountId } }
}`;
interface Nodes {
  readonly nodes: readonly { readonly id: string; readonly spotifyAccountId: string | null }[];
}

describe("what operators keep", () => {
  it("has nothing of what clients send, or of whom it is about", STARTING, async () => {
    const subgraphSecret = plant("secret-of-subgraphs-and-gateways");
    const jwtSecret = "a secret of tests, which is as long as the hash of HMAC-SHA-512!";
    const receiver = await startReceiver(secretOf(77));
    cleanups.push(() => receiver.close());
    const file = await writeWebhooks({
      desk: { receiver, secret: secretOf(77), events: ["case.routed", "lead.routed"] },
    });
    cleanups.push(() => file.remove());
    receiver.behave({ status: 500, body: plant("answer") });
    const tokens = { AUTH_JWT_SECRET: jwtSecret, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
    const { graph, send, tell } = await start(
      { ...tokens, ...file.variables, SUBGRAPH_SECRET: subgraphSecret },
      { now: Date.now },
    );
    const token = await tokenFor(Date.now(), { name: plant("name"), email: `${plant("email")}@example.com` });
    const issued = await keysCommand(graph.decibel.database, ["issue", "--name", "portal", "--scopes", "graph:read"]);
    const [key = ""] = issued.split("\n");
    const as = {
      authorization: `Bearer ${token}`,
      cookie: plant("cookie"),
      tracestate: `vendor=${plant("state")}`,
      baggage: `user=${plant("baggage")}`,
      "user-agent": plant("agent"),
      "x-request-id": `${plant("id")} with blanks`,
      "x-forwarded-for": plant("address"),
    };

    const answer = JSON.parse(await send(JSON.stringify({ query: BOARD }), as)) as { data: Record<string, Nodes> };
    const { campaigns, episodes, locations, listeners } = answer.data;
    const ids = {
      campaign: campaigns?.nodes[0]?.id ?? "",
      episode: episodes?.nodes[0]?.id ?? "",
      location: locations?.nodes[0]?.id ?? "",
      listener: listeners?.nodes[0]?.id ?? "",
    };
    const personal = (listeners?.nodes ?? []).flatMap(({ spotifyAccountId }) => spotifyAccountId ?? []);
    expect([ids.campaign, ids.listener].every((id) => id !== "") && personal.length > 0).toBe(true);

    for (const [mutation, input] of Object.entries(MUTATIONS(ids))) {
      const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
      await send(
        JSON.stringify({
          query: `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`,
          variables: { input },
        }),
        as,
      );
      // In the document itself.
      const literal = JSON.stringify(input)
        .replaceAll(/"(\w+)":/g, "$1:")
        .replaceAll(/: ?"([A-Z_]{2,})"/g, ": $1");
      await send(JSON.stringify({ query: `mutation { ${mutation}(input: ${literal}) { __typename } }` }), as);
    }
    await send(JSON.stringify({ query: `query ($id: ID = "${plant("default")}") { listener(id: $id) { id } }` }), as);
    await send(JSON.stringify({ query: "{ listener(id: $id) { id } }", variables: { id: plant("variable") } }), as);
    await send(JSON.stringify({ query: `{ listener(id: "${plant("broken")} { id }` }), as);
    await send(
      JSON.stringify({
        query: "{ __typename }",
        extensions: { persistedQuery: { version: 1, sha256Hash: plant("hash") } },
      }),
      as,
    );
    await send(`{"query": ${plant("not-json")}`, as);
    await send(JSON.stringify({ query: BOARD }), {
      authorization: `Bearer ${plant("no")}.${plant("such")}.${plant("token")}`,
    });
    await send(JSON.stringify({ query: BOARD }), { "x-api-key": plant("no-such-key") });
    await send(JSON.stringify({ query: BOARD }), { "x-api-key": key });
    await outboxIsIdle(graph);

    const { log, traces, metrics, errors } = await tell();
    expect([log, traces, errors].map(({ length }) => length > 0)).toEqual([true, true, true]);
    const words = [PLANTED, token.split(".")[2] ?? "", key, jwtSecret, subgraphSecret, secretOf(77), ...personal];
    const secret = Buffer.alloc(32, 77).toString("base64");
    expect(found(log, [...words, secret])).toEqual([]);
    expect(found(traces, [...words, secret])).toEqual([]);
    expect(found(metrics, [...words, secret])).toEqual([]);
    expect(found(errors, [token.split(".")[2] ?? "", key, jwtSecret, subgraphSecret, secret, ...personal])).toEqual([]);
    // A client is told which of its own values is wrong.
    const told = errors.filter(
      (error) => error.includes(PLANTED) && !/"code":"(?:BAD_USER_INPUT|GRAPHQL_[A-Z_]+)"/.test(error),
    );
    expect(told).toEqual([]);
  });

  it("has nothing of our accounts, or of what upstreams repeat", STARTING, async () => {
    const url = await startParrot();
    const { send, tell, graph } = await start({
      OPENTEXT_BASE_URL: url,
      OPENTEXT_TENANT_ID: plant("tenant"),
      OPENTEXT_CLIENT_ID: plant("client"),
      OPENTEXT_CLIENT_SECRET: plant("password"),
      SPOTIFY_ADS_ACCOUNT_ID: plant("ads-account"),
      SPOTIFY_ADS_CLIENT_ID: plant("ads-client"),
      SPOTIFY_ADS_CLIENT_SECRET: plant("ads-secret"),
      SPOTIFY_ADS_REFRESH_TOKEN: plant("ads-refresh"),
      SPOTIFY_ADS_BASE_URL: `${url}/ads`,
      SPOTIFY_WEB_CLIENT_ID: plant("web-client"),
      SPOTIFY_WEB_CLIENT_SECRET: plant("web-secret"),
      SPOTIFY_WEB_REFRESH_TOKEN: plant("web-refresh"),
      SPOTIFY_WEB_BASE_URL: `${url}/web`,
      SPOTIFY_TOKEN_URL: `${url}/token`,
      MEGAPHONE_NETWORK_ID: plant("network"),
      MEGAPHONE_TOKEN: plant("megaphone"),
      MEGAPHONE_BASE_URL: `${url}/megaphone`,
      SOUNDTRACK_TOKEN: plant("soundtrack"),
      SOUNDTRACK_BASE_URL: `${url}/soundtrack`,
      LEADS_WEBHOOK_URL: `${url.replace("//", `//${plant("user")}:${plant("basic")}@`)}/leads`,
      LEADS_WEBHOOK_SECRET: secretOf(78),
      CACHE_URL: `redis://user:${plant("redis")}@127.0.0.1:1`,
      HTTPS_PROXY: `http://user:${plant("proxy")}@proxy.example:3128`,
    });
    for (const field of ["campaigns", "episodes", "locations", "listeners"]) {
      await send(
        JSON.stringify({
          query: BOARD.replace(/^\{/, "query {").replaceAll(/first: 5/g, "first: 3"),
          operationName: null,
        }),
      );
      await send(JSON.stringify({ query: `{ ${field}(first: 3) { nodes { id } } }` }));
    }
    const listeners = JSON.parse(await send(JSON.stringify({ query: "{ listeners(first: 3) { nodes { id } } }" }))) as {
      data: { listeners: Nodes };
    };
    for (const { id } of listeners.data.listeners.nodes) {
      const query = "mutation ($input: RouteLeadInput!) { routeLead(input: $input) { listener { id } } }";
      await send(JSON.stringify({ query, variables: { input: { listenerId: id } } }));
    }
    await outboxIsIdle(graph);
    const { log, traces, metrics, errors } = await tell();
    expect([log, traces, errors].map(({ length }) => length > 0)).toEqual([true, true, true]);
    const words = [PLANTED, Buffer.alloc(32, 78).toString("base64")];
    expect(found(log, words)).toEqual([]);
    expect(found(traces, words)).toEqual([]);
    expect(found(metrics, words)).toEqual([]);
    expect(found(errors, words)).toEqual([]);
  });
});
