/**
 * The environment variables: defaults, validation, accounts and the rules of production. Over 200 lines, because it has
 * a row for every variable.
 */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { crmSettings } from "../../subgraphs/sources/crm/settings.ts";
import { megaphoneSettings } from "../../subgraphs/sources/megaphone/settings.ts";
import { soundtrackSettings } from "../../subgraphs/sources/soundtrack/settings.ts";
import { spotifyAdsSettings } from "../../subgraphs/sources/spotify-ads/settings.ts";
import { spotifyWebSettings } from "../../subgraphs/sources/spotify-web/settings.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { portVariable, projectRoot, readEnvironment, variableNames } from "../../subgraphs/platform/environment.ts";
import type { Environment, Variables } from "../../subgraphs/platform/environment.ts";
import { readRoles } from "../../subgraphs/platform/roles.ts";

const SUBGRAPHS = ["campaigns", "episodes"];
/** By name, so that this test does not change when another one is added. */
const UPSTREAMS = [spotifyAdsSettings, spotifyWebSettings, megaphoneSettings, soundtrackSettings, crmSettings];
const ADS = {
  SPOTIFY_ADS_ACCOUNT_ID: "account",
  SPOTIFY_ADS_CLIENT_ID: "ads",
  SPOTIFY_ADS_CLIENT_SECRET: "ads secret",
  SPOTIFY_ADS_REFRESH_TOKEN: "refresh",
};
const WEB = {
  SPOTIFY_WEB_CLIENT_ID: "web",
  SPOTIFY_WEB_CLIENT_SECRET: "web secret",
  SPOTIFY_WEB_REFRESH_TOKEN: "web refresh",
};
const MEGAPHONE = { MEGAPHONE_NETWORK_ID: "network", MEGAPHONE_TOKEN: "megaphone" };
const OPENTEXT = {
  OPENTEXT_BASE_URL: "https://eu.api.opentext.com",
  OPENTEXT_TENANT_ID: "tenant",
  OPENTEXT_CLIENT_ID: "opentext",
  OPENTEXT_CLIENT_SECRET: "opentext secret",
};
const SOUNDTRACK = { SOUNDTRACK_TOKEN: "soundtrack" };
const LEADS = {
  LEADS_WEBHOOK_URL: "https://crm.example/hooks?team=7",
  LEADS_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
};
const TOKENS = {
  AUTH_JWKS_URL: "https://login.example/keys?tenant=1",
  AUTH_ISSUER: "https://login.example/",
  AUTH_AUDIENCE: "decibel",
};
const KNOWN = { key: { jwksUrl: TOKENS.AUTH_JWKS_URL }, issuer: TOKENS.AUTH_ISSUER, audience: TOKENS.AUTH_AUDIENCE };
const SECRET = "0123456789abcdefghijklmnopqrstuv";
const REAL = { ...ADS, ...WEB, ...MEGAPHONE, ...SOUNDTRACK, ...LEADS, ...OPENTEXT, ...TOKENS };

const read = (variables: Variables, args: readonly string[] = []): Environment =>
  readEnvironment(variables, { upstreams: UPSTREAMS, subgraphs: SUBGRAPHS }, readRoles(args, SUBGRAPHS));
/** The lines below "Cannot read the environment:", without their indent. */
function problems(variables: Variables, args: readonly string[] = []): readonly string[] {
  try {
    read(variables, args);
    return [];
  } catch (error) {
    const [title, ...lines] = String(error).split("\n");
    expect(title).toBe("Error: Cannot read the environment:");
    return lines.map((line) => line.replace(/^ {2}/, ""));
  }
}

describe("the environment", () => {
  it("has defaults: sandboxes, on the local host only", () => {
    expect(read({})).toEqual({
      production: false,
      host: "127.0.0.1",
      allowedHosts: [],
      logLevel: "warn",
      logsAccess: false,
      metrics: undefined,
      tracing: undefined,
      port: 4000,
      corsOrigins: [],
      tokens: undefined,
      subgraphSecrets: [],
      gatewayWorkers: 1,
      limits: {
        cost: 100_000,
        openTextCalls: 10_000,
        requestsPerMinute: undefined,
        subscriptions: 100,
        bodyBytes: 8_388_608,
        timeoutMs: 60_000,
      },
      workerPort: 4010,
      signerPort: 4020,
      supergraphs: { whole: undefined, partner: undefined },
      subgraphTransport: "memory",
      subgraphPorts: {},
      subgraphUrls: {},
      cacheUrl: undefined,
      records: { databaseUrl: undefined, directory: ".data", retries: 300, retrySeconds: 1, lagSeconds: 300 },
      decisions: "service",
      sweepSeconds: 60,
      webhooks: [],
      verifyShare: 0.01,
      warmCalls: 1000,
      eligibilityMax: 10_000,
      opentext: {
        baseUrl: undefined,
        tenantId: "sandbox",
        clientId: "sandbox",
        clientSecret: "sandbox",
        timeoutMs: 5000,
        batchTimeoutMs: 15_000,
        concurrency: 16,
        requestsPerSecond: undefined,
        queueLimit: 10_000,
        recoveryMs: 5000,
        versionIntervalMs: 15_000,
      },
      freshness: { "spotify-ads": {}, "spotify-web": {}, megaphone: {}, soundtrack: {} },
      accounts: {
        "spotify-ads": undefined,
        "spotify-web": undefined,
        megaphone: undefined,
        soundtrack: undefined,
        crm: undefined,
      },
      sandbox: {
        scale: 1,
        tables: undefined,
        ports: {
          opentext: 4100,
          "spotify-ads": 4101,
          "spotify-web": 4102,
          megaphone: 4103,
          soundtrack: 4104,
          crm: 4105,
        },
        host: "127.0.0.1",
      },
    });
  });

  it("has the collector of traces, by OpenTelemetry's variables, and what is told to whom", () => {
    expect(
      read({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example:4318",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20one",
        OTEL_TRACES_SAMPLER: "traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.25",
        TRACE_UPSTREAMS: "opentext, spotify-ads",
        METRICS_PORT: "9464",
      }),
    ).toMatchObject({
      metrics: { host: "127.0.0.1", port: 9464 },
      tracing: {
        endpoint: "http://collector.example:4318",
        headers: { authorization: "Bearer one" },
        serviceName: "decibel",
        sampler: "traceidratio",
        ratio: 0.25,
        hasDocuments: false,
        toldUpstreams: ["opentext", "spotify-ads"],
      },
    });
  });

  it.each([
    [
      { OTEL_EXPORTER_OTLP_HEADERS: "planted" },
      "OTEL_EXPORTER_OTLP_HEADERS: expected headers such as name=value,name=value, percent-encoded",
    ],
    [
      { OTEL_TRACES_SAMPLER: "jaeger_remote" },
      'OTEL_TRACES_SAMPLER: expected one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio, got "jaeger_remote"',
    ],
    [{ ACCESS_LOG: "yes" }, 'ACCESS_LOG: expected true or false, got "yes"'],
    [
      { TRACE_UPSTREAMS: "opentext,spotify" },
      'TRACE_UPSTREAMS: expected some of opentext, spotify-ads, spotify-web, megaphone, soundtrack, crm, separated by commas, got "spotify"',
    ],
  ])("refuses %j in one sentence", (variables, problem) => {
    expect(problems(variables)).toEqual([problem]);
  });

  it("treats an empty variable as not set", () => {
    const empty = ["PORT", "HOST", "LOG_LEVEL", "NODE_ENV", "CAMPAIGNS_PORT", "SANDBOX_TABLES", ...Object.keys(REAL)];
    expect(read(Object.fromEntries(empty.map((name) => [name, ""])))).toEqual(read({}));
  });

  it("ignores other variables", () => {
    expect(read({ HOME: "/root", CAMPAIGN_PORT: "x", LOCATIONS_PORT: "x" })).toEqual(read({}));
  });

  it("has the defaults of .env.example, which names every variable", () => {
    const root = projectRoot();
    const example = parseEnv(readFileSync(join(root, ".env.example"), "utf8"));
    expect(Object.keys(example).toSorted()).toEqual(variableNames(configurable).toSorted());
    expect(readEnvironment(example, configurable)).toEqual(readEnvironment({}, configurable));
  });

  it.each([
    ["0", 0],
    ["1", 1],
    ["0.25", 0.25],
    [".5", 0.5],
    ["1.0", 1],
  ])("reads DECISIONS_VERIFY_SHARE=%s", (text, share) => {
    expect(read({ DECISIONS_VERIFY_SHARE: text }).verifyShare).toBe(share);
  });

  it.each([
    ["0.5", 0.5],
    [".5", 0.5],
    ["100000", 100_000],
  ])("reads OPENTEXT_REQUESTS_PER_SECOND=%s", (text, rate) => {
    expect(read({ OPENTEXT_REQUESTS_PER_SECOND: text }).opentext.requestsPerSecond).toBe(rate);
  });

  it("reads a list of origins", () => {
    expect(read({ CORS_ORIGINS: "https://a.example, http://127.0.0.1:3000,," }).corsOrigins).toEqual([
      "https://a.example",
      "http://127.0.0.1:3000",
    ]);
  });

  it("reads a list of names", () => {
    expect(read({ ALLOWED_HOSTS: "decibel.example, gateway" }).allowedHosts).toEqual(["decibel.example", "gateway"]);
    expect(read({ ...TOKENS, ALLOWED_HOSTS: "*" }).allowedHosts).toEqual(["*"]);
  });

  it("reads every kind of variable", () => {
    const { host, logLevel, port, opentext, sandbox } = read({
      ...TOKENS,
      HOST: "0.0.0.0",
      LOG_LEVEL: "debug",
      PORT: "65535",
      OPENTEXT_NAMESPACE: "music for shops",
      OPENTEXT_BATCH_PATH: "/decision/v1/execute:batch",
      OPENTEXT_TIMEOUT_MS: "1",
      OPENTEXT_BATCH_TIMEOUT_MS: "2",
      OPENTEXT_CONCURRENCY: "1024",
      OPENTEXT_VERSION_INTERVAL_MS: "3600000",
      SANDBOX_SCALE: "1000",
      SANDBOX_TABLES: "/tables",
      MEGAPHONE_SANDBOX_PORT: "0",
    });
    expect([
      host,
      logLevel,
      port,
      opentext.namespace,
      opentext.batchPath,
      opentext.timeoutMs,
      opentext.batchTimeoutMs,
      opentext.concurrency,
      opentext.versionIntervalMs,
    ]).toEqual(["0.0.0.0", "debug", 65_535, "music for shops", "/decision/v1/execute:batch", 1, 2, 1024, 3_600_000]);
    expect([sandbox.scale, sandbox.tables, sandbox.ports["megaphone"]]).toEqual([1000, "/tables", 0]);
  });

  it.each([
    ["PORT", "http", 'expected a whole number from 0 to 65535, got "http"'],
    ["PORT", "65536", 'expected a whole number from 0 to 65535, got "65536"'],
    ["PORT", "-1", 'expected a whole number from 0 to 65535, got "-1"'],
    ["PORT", "4000.5", 'expected a whole number from 0 to 65535, got "4000.5"'],
    ["PORT", "1e3", 'expected a whole number from 0 to 65535, got "1e3"'],
    [
      "CORS_ORIGINS",
      "portal.example",
      'expected origins such as https://portal.example, separated by commas, got "portal.example"',
    ],
    [
      "CORS_ORIGINS",
      "https://portal.example/",
      'expected origins such as https://portal.example, separated by commas, got "https://portal.example/"',
    ],
    [
      "CORS_ORIGINS",
      "https://a.example, *",
      'expected origins such as https://portal.example, separated by commas, got "*"',
    ],
    [
      "ALLOWED_HOSTS",
      "https://decibel.example",
      'expected names such as decibel.example, separated by commas, got "https://decibel.example"',
    ],
    [
      "ALLOWED_HOSTS",
      "decibel.example:4000",
      'expected names such as decibel.example, separated by commas, got "decibel.example:4000"',
    ],
    ["GATEWAY_WORKERS", "0", 'expected a whole number from 1 to 64, got "0"'],
    ["GATEWAY_WORKERS", "65", 'expected a whole number from 1 to 64, got "65"'],
    [
      "EPISODES_URL",
      "episodes:4002",
      'expected URLs such as http://campaigns:4001/graphql, separated by commas, got "episodes:4002"',
    ],
    ["SUBGRAPH_TRANSPORT", "grpc", 'Invalid option: expected one of "memory"|"http"'],
    ["CAMPAIGNS_PORT", "x", 'expected a whole number from 0 to 65535, got "x"'],
    ["SPOTIFY_WEB_SANDBOX_PORT", "x", 'expected a whole number from 0 to 65535, got "x"'],
    [
      "DATABASE_URL",
      "mysql://here",
      "expected postgres:// or postgresql:// in front, as in postgres://user:password@host:5432/decibel",
    ],
    ["OUTBOX_RETRIES", "0", 'expected a whole number from 1 to 1000, got "0"'],
    ["OUTBOX_RETRY_SECONDS", "1.5", 'expected a whole number from 0 to 3600, got "1.5"'],
    ["OPENTEXT_TIMEOUT_MS", "0", 'expected a whole number from 1 to 3600000, got "0"'],
    ["OPENTEXT_BATCH_PATH", "batch", 'expected a path that starts with "/", got "batch"'],
    ["OPENTEXT_BATCH_PATH", "/batch?all=1", 'expected a path that starts with "/", got "/batch?all=1"'],
    ["OPENTEXT_CONCURRENCY", "1025", 'expected a whole number from 1 to 1024, got "1025"'],
    ["OPENTEXT_REQUESTS_PER_SECOND", "0", 'expected a number above 0, up to 100000, got "0"'],
    ["OPENTEXT_REQUESTS_PER_SECOND", "1e3", 'expected a number above 0, up to 100000, got "1e3"'],
    ["OPENTEXT_REQUESTS_PER_SECOND", "100001", 'expected a number above 0, up to 100000, got "100001"'],
    ["OPENTEXT_QUEUE_LIMIT", "0x10", 'expected a whole number from 1 to 1000000, got "0x10"'],
    ["OPENTEXT_QUEUE_LIMIT", "1000001", 'expected a whole number from 1 to 1000000, got "1000001"'],
    ["SANDBOX_SCALE", "0", 'expected a whole number from 1 to 1000, got "0"'],
    ["DECISIONS", "here", 'Invalid option: expected one of "service"|"local"'],
    ["DECISIONS_VERIFY_SHARE", "1.01", 'expected a number from 0 to 1, got "1.01"'],
    ["DECISIONS_VERIFY_SHARE", "1%", 'expected a number from 0 to 1, got "1%"'],
    ["DECISIONS_VERIFY_SHARE", "-0.1", 'expected a number from 0 to 1, got "-0.1"'],
    ["OPENTEXT_BASE_URL", "eu.api.opentext.com", "Invalid URL"],
    ["SPOTIFY_ADS_BASE_URL", "ftp://api-partner.spotify.com", "Invalid URL"],
    ["SPOTIFY_TOKEN_URL", "localhost:4101", "Invalid URL"],
    ["LOG_LEVEL", "loud", 'Invalid option: expected one of "trace"|"debug"|"info"|"warn"|"error"|"fatal"|"silent"'],
    ["SPOTIFY_WEB_MODE", "Extended", 'Invalid option: expected one of "extended"|"development"'],
  ])("refuses %s=%j", (name, value, problem) => {
    expect(problems({ [name]: value })).toEqual([`${name}: ${problem}`]);
  });

  it.each([
    ["data    # where the database is", "a comment is part of its value: write it on a line of its own"],
    [" # none", "a comment is part of its value: write it on a line of its own"],
    ['"data"', "quotes are part of its value: write it without them"],
    ["'data'", "quotes are part of its value: write it without them"],
    ["data ", "blanks or line breaks at an end are part of its value"],
    ["data\r", "blanks or line breaks at an end are part of its value"],
  ])("refuses %j, which only some readers take apart", (value, problem) => {
    expect(problems({ DATA_DIR: value })).toEqual([`DATA_DIR: ${problem}`]);
    expect(problems({ ...MEGAPHONE, MEGAPHONE_TOKEN: value })).toEqual([`MEGAPHONE_TOKEN: ${problem}`]);
  });

  it.each(
    [
      ...variableNames({ subgraphs: SUBGRAPHS, upstreams: UPSTREAMS }).filter((name) => name.endsWith("_BASE_URL")),
      "SPOTIFY_TOKEN_URL",
    ].flatMap((name) => [
      [name, "https://me:hidden@api.example", "expected no user and password in it: they would not be sent"],
      [name, "https://api.example/?key=hidden", 'expected nothing behind "?" or "#": it would not be sent'],
    ]),
  )("refuses what would not be sent in %s=%s", (name = "", value, problem) => {
    const found = problems({ [name]: value });
    expect(found).toContain(`${name}: ${problem}`);
    expect(found.join()).not.toContain("hidden");
  });

  it("accepts a user and a password in the URL of the webhook, and refuses one that cannot be decoded", () => {
    expect(problems({ ...LEADS, LEADS_WEBHOOK_URL: "https://me:p%40ss@crm.example" })).toEqual([]);
    expect(problems({ ...LEADS, LEADS_WEBHOOK_URL: "https://me:%zz@crm.example" })).toEqual([
      "LEADS_WEBHOOK_URL: expected its user and password percent-encoded",
    ]);
  });

  it.each(["HTTPS_PROXY", "HTTP_PROXY", "https_proxy"])("refuses a proxy in %s that is none", (name) => {
    expect(problems({ [name]: "socks5://proxy.example" })).toEqual([
      `${name.toUpperCase()}: expected a URL such as http://proxy.example:3128, its user and password percent-encoded`,
    ]);
    expect(problems({ [name]: "http://me:%zz@proxy.example" })).toEqual([
      `${name.toUpperCase()}: expected a URL such as http://proxy.example:3128, its user and password percent-encoded`,
    ]);
  });

  it.each([
    "redis://cache.example",
    "rediss://:p%2Fw@cache.example:6380/1",
    "redis://me:p@w@cache.example/",
    "redis://[::1]:6379",
  ])("accepts the cache at %s", (url) => {
    expect(read({ CACHE_URL: url }).cacheUrl).toBe(url);
  });

  it.each([
    "cache.example:6379",
    "memcached://cache.example",
    "redis:///0",
    "redis://a.example:6379,b.example:6379",
    "redis://a.example,b.example",
    "redis://cache.example/main",
    "redis://:hid/den@cache.example",
    "redis://me:12/hidden@cache.example",
    "redis://me:12?hidden@cache.example",
    "redis://me:12#hidden@cache.example",
    "redis://me:hidden%zz@cache.example",
  ])("refuses the cache at %s, without its password", (url) => {
    expect(problems({ CACHE_URL: url })).toEqual([
      "CACHE_URL: expected redis:// or rediss://, one server or one node of a cluster, and a number as its database, such as " +
        "redis://user:password@cache.example:6379/0, its user and password percent-encoded",
    ]);
  });

  it.each(["redis+sentinel://a:26379,b:26379/main/0", "redis-sentinel://:hidden@a:26379", "rediss+sentinel://a/main"])(
    "refuses Redis Sentinel in %s",
    (url) => {
      expect(problems({ CACHE_URL: url })).toEqual([
        "CACHE_URL: Sentinel is not supported: expected redis:// or rediss:// and an address that follows the primary",
      ]);
    },
  );

  it("refuses an invalid URL and secret for leads, without repeating the secret", () => {
    expect(problems({ ...LEADS, LEADS_WEBHOOK_URL: "crm.example" })).toEqual(["LEADS_WEBHOOK_URL: Invalid URL"]);
    expect(problems({ ...LEADS, LEADS_WEBHOOK_SECRET: "whsec_c2hvcnQ=" })).toEqual([
      'LEADS_WEBHOOK_SECRET: expected "whsec_" and 24 to 64 bytes in base64',
    ]);
    expect(problems({ ...LEADS, LEADS_WEBHOOK_OLD_SECRET: "whsec_c2hvcnQ=" })).toEqual([
      'LEADS_WEBHOOK_OLD_SECRET: expected "whsec_" and 24 to 64 bytes in base64',
    ]);
    expect(read({ ...LEADS, LEADS_WEBHOOK_OLD_SECRET: LEADS.LEADS_WEBHOOK_SECRET }).accounts["crm"]).toMatchObject({
      oldSecret: LEADS.LEADS_WEBHOOK_SECRET,
    });
  });

  it("names all problems at once", () => {
    expect(
      problems({
        NODE_ENV: "production",
        PORT: "x",
        LOG_LEVEL: "loud",
        EPISODES_PORT: "y",
        MEGAPHONE_TOKEN: "megaphone",
        OPENTEXT_CLIENT_ID: "opentext",
      }),
    ).toEqual([
      'LOG_LEVEL: Invalid option: expected one of "trace"|"debug"|"info"|"warn"|"error"|"fatal"|"silent"',
      'PORT: expected a whole number from 0 to 65535, got "x"',
      'EPISODES_PORT: expected a whole number from 0 to 65535, got "y"',
      "MEGAPHONE_NETWORK_ID is missing, but others of the same upstream are set",
      "OPENTEXT_CLIENT_ID is set, but OPENTEXT_BASE_URL is not",
      "NODE_ENV=production needs the credentials of OpenText (OPENTEXT_…)",
      "NODE_ENV=production needs the credentials of Spotify Ads (SPOTIFY_ADS_…)",
      "NODE_ENV=production needs the credentials of Spotify Web (SPOTIFY_WEB_…)",
      "NODE_ENV=production needs the credentials of Soundtrack (SOUNDTRACK_TOKEN)",
      "NODE_ENV=production needs the credentials of the leads webhook (LEADS_WEBHOOK_…)",
      "NODE_ENV=production needs AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks",
    ]);
  });
});

describe("an account", () => {
  it("is read completely, with its default URLs", () => {
    const { opentext, accounts } = read(REAL);
    expect({ opentext, ...accounts }).toEqual({
      opentext: {
        baseUrl: "https://eu.api.opentext.com",
        tenantId: "tenant",
        clientId: "opentext",
        clientSecret: "opentext secret",
        timeoutMs: 5000,
        batchTimeoutMs: 15_000,
        concurrency: 16,
        requestsPerSecond: undefined,
        queueLimit: 10_000,
        recoveryMs: 5000,
        versionIntervalMs: 15_000,
      },
      "spotify-ads": {
        baseUrl: "https://api-partner.spotify.com/ads/v3",
        tokenUrl: "https://accounts.spotify.com/api/token",
        accountId: "account",
        clientId: "ads",
        clientSecret: "ads secret",
        refreshToken: "refresh",
      },
      "spotify-web": {
        baseUrl: "https://api.spotify.com/v1",
        tokenUrl: "https://accounts.spotify.com/api/token",
        clientId: "web",
        clientSecret: "web secret",
        refreshToken: "web refresh",
        mode: "extended",
        market: "US",
      },
      megaphone: { baseUrl: "https://cms.megaphone.fm/api", networkId: "network", token: "megaphone" },
      soundtrack: { baseUrl: "https://api.soundtrackyourbrand.com/v2", token: "soundtrack" },
      crm: { url: "https://crm.example/hooks?team=7", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
    });
  });

  it.each(Object.keys({ ...ADS, ...WEB, ...MEGAPHONE, ...LEADS }))(
    "is refused without %s if its other variables are set",
    (name) => {
      expect(problems({ ...ADS, ...WEB, ...MEGAPHONE, ...LEADS, [name]: "" })).toEqual([
        `${name} is missing, but others of the same upstream are set`,
      ]);
    },
  );

  it.each(["OPENTEXT_TENANT_ID", "OPENTEXT_CLIENT_ID", "OPENTEXT_CLIENT_SECRET"])(
    "of OpenText is refused without %s, and with the sandbox's value for it",
    (name) => {
      const missing = [`${name} is missing, but others of the same upstream are set`];
      expect(problems({ ...OPENTEXT, [name]: "" })).toEqual(missing);
      expect(problems({ ...OPENTEXT, [name]: "sandbox" })).toEqual(missing);
    },
  );

  it("of OpenText needs its URL", () => {
    expect(problems({ ...OPENTEXT, OPENTEXT_BASE_URL: "" })).toEqual([
      "OPENTEXT_TENANT_ID is set, but OPENTEXT_BASE_URL is not",
    ]);
  });

  it("of a sandbox may be explicit, and the sandbox may run at another URL", () => {
    const explicit = {
      OPENTEXT_TENANT_ID: "sandbox",
      OPENTEXT_CLIENT_ID: "sandbox",
      OPENTEXT_CLIENT_SECRET: "sandbox",
    };
    const elsewhere = { OPENTEXT_BASE_URL: "http://127.0.0.1:4100" };
    expect(read(explicit)).toEqual(read({}));
    expect(read({ ...explicit, ...elsewhere })).toEqual(read(elsewhere));
    expect(read(elsewhere).opentext).toMatchObject({ baseUrl: "http://127.0.0.1:4100", tenantId: "sandbox" });
  });
});

describe("callers", () => {
  const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = TOKENS;
  const named = { AUTH_ISSUER, AUTH_AUDIENCE };
  const NOT_HTTPS = "expected a URL that begins with https://, because its answer says whom to believe";
  const SECRETS = "expected at least 32 bytes, or two such secrets, separated by a comma";

  it("are known by tokens: of an issuer's keys, or of a secret", () => {
    expect(read(TOKENS).tokens).toEqual(KNOWN);
    expect(read({ ...named, AUTH_JWT_SECRET: SECRET }).tokens).toEqual({ ...KNOWN, key: { secret: SECRET } });
    for (const url of ["http://127.0.0.1:9/keys", "http://localhost/", "http://[::1]:9/"])
      expect(read({ ...named, AUTH_JWKS_URL: url }).tokens?.key).toEqual({ jwksUrl: url });
  });

  it.each([
    ["login.example", NOT_HTTPS],
    ["http://login.example/keys", NOT_HTTPS],
    ["http://127.example/keys", NOT_HTTPS],
    ["https://a:b@c.example", "expected no user and password in it: they would not be sent"],
  ])("cannot be known by AUTH_JWKS_URL=%s", (url, problem) => {
    expect(problems({ ...named, AUTH_JWKS_URL: url })).toEqual([`AUTH_JWKS_URL: ${problem}`]);
  });

  it.each([
    [
      { AUTH_JWKS_URL },
      ["AUTH_ISSUER is missing, but tokens are verified", "AUTH_AUDIENCE is missing, but tokens are verified"],
    ],
    [
      named,
      ["AUTH_ISSUER", "AUTH_AUDIENCE"].map(
        (name) => `${name} is set, but neither AUTH_JWKS_URL nor AUTH_JWT_SECRET is`,
      ),
    ],
    [
      { ...TOKENS, AUTH_JWT_SECRET: SECRET },
      ["AUTH_JWT_SECRET is set, but AUTH_JWKS_URL is too: tokens are verified by one of them"],
    ],
    [{ ...named, AUTH_JWT_SECRET: SECRET.slice(1) }, ["AUTH_JWT_SECRET: expected at least 32 bytes"]],
  ])("are not known by half: %j", (variables, expected) => {
    expect(problems(variables)).toEqual(expected);
  });

  it.each(["0.0.0.0", "::", "10.0.0.7", "decibel.example", "127.example"])("have to be known where HOST=%s", (host) => {
    expect(problems({ HOST: host })).toEqual([
      `HOST=${host} lets other machines in, which needs AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks; without, HOST=127.0.0.1`,
    ]);
    expect(read({ ...TOKENS, HOST: host }).host).toBe(host);
  });

  it.each(["*", "decibel.example, *"])("have to be known where ALLOWED_HOSTS=%s", (names) => {
    expect(problems({ ALLOWED_HOSTS: names })).toEqual([
      `ALLOWED_HOSTS=${names} lets the pages of all sites in, which needs AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks`,
    ]);
    expect(read({ ...TOKENS, ALLOWED_HOSTS: names }).allowedHosts).toContain("*");
  });

  it("sign with another secret than gateways do", () => {
    const given = { AUTH_JWT_SECRET: SECRET, AUTH_ISSUER: "issuer", AUTH_AUDIENCE: "decibel" };
    expect(problems({ ...given, SUBGRAPH_SECRET: `${"another ".repeat(5)},${SECRET}` })).toEqual([
      "SUBGRAPH_SECRET is AUTH_JWT_SECRET too: they need secrets of their own",
    ]);
  });

  it.each(["127.0.0.1", "127.8.8.8", "::1", "localhost"])("need not where HOST=%s", (host) => {
    expect(read({ HOST: host }).tokens).toBeUndefined();
  });

  it("may have gateways with a secret, and with another one while it changes", () => {
    const other = SECRET.toUpperCase();
    expect(read({ SUBGRAPH_SECRET: SECRET }).subgraphSecrets).toEqual([SECRET]);
    expect(read({ SUBGRAPH_SECRET: `${other}, ${SECRET}` }).subgraphSecrets).toEqual([other, SECRET]);
    for (const wrong of ["short", `${SECRET},short`, `${SECRET},`, [SECRET, SECRET, SECRET].join(",")])
      expect(problems({ SUBGRAPH_SECRET: wrong })).toEqual([`SUBGRAPH_SECRET: ${SECRETS}`]);
  });
});

describe("production", () => {
  const production = { NODE_ENV: "production" };

  it("accepts real upstreams", () => {
    expect(read({ ...production, ...REAL }).production).toBe(true);
  });

  it.each(["prod", "Production", "PRODUCTION", " production ", "production # on the server", "staging"])(
    "is not meant by %j, which is refused",
    (value) => {
      const message = `NODE_ENV: expected production, development or test, or no value, got "${value}"`;
      expect(problems({ NODE_ENV: value })).toEqual([message]);
    },
  );

  it.each([undefined, "", "development", "test"])("is not meant by %j, which allows sandboxes", (value) => {
    expect(read({ NODE_ENV: value }).production).toBe(false);
  });

  it("refuses sandboxes, and names each", () => {
    expect(problems(production)).toEqual([
      "NODE_ENV=production needs the credentials of OpenText (OPENTEXT_…)",
      "NODE_ENV=production needs the credentials of Spotify Ads (SPOTIFY_ADS_…)",
      "NODE_ENV=production needs the credentials of Spotify Web (SPOTIFY_WEB_…)",
      "NODE_ENV=production needs the credentials of Megaphone (MEGAPHONE_…)",
      "NODE_ENV=production needs the credentials of Soundtrack (SOUNDTRACK_TOKEN)",
      "NODE_ENV=production needs the credentials of the leads webhook (LEADS_WEBHOOK_…)",
      "NODE_ENV=production needs AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks",
    ]);
  });

  it("needs no OpenText account for local decisions, but refuses an incomplete one", () => {
    const others = Object.fromEntries(Object.entries(REAL).filter(([name]) => !(name in OPENTEXT)));
    const { decisions, opentext } = read({ ...production, ...others, DECISIONS: "local" });
    expect([decisions, opentext.baseUrl]).toEqual(["local", undefined]);
    const { OPENTEXT_BASE_URL } = OPENTEXT;
    expect(problems({ ...production, ...others, DECISIONS: "local", OPENTEXT_BASE_URL })).toEqual([
      "NODE_ENV=production needs the credentials of OpenText (OPENTEXT_…)",
    ]);
  });

  it("refuses a database that keeps nothing, and needs no server", () => {
    expect(problems({ ...production, ...REAL, DATA_DIR: "memory" })).toEqual([
      "NODE_ENV=production needs DATABASE_URL, or a folder as DATA_DIR, to keep the decisions",
    ]);
    const { cacheUrl, records } = read({ ...production, ...REAL, DATABASE_URL: "", CACHE_URL: "" });
    expect([cacheUrl, records.databaseUrl, records.directory]).toEqual([undefined, undefined, ".data"]);
  });

  it("refuses a URL of OpenText without credentials", () => {
    const { OPENTEXT_BASE_URL } = OPENTEXT;
    expect(
      problems({
        ...production,
        ...REAL,
        OPENTEXT_TENANT_ID: "",
        OPENTEXT_CLIENT_ID: "",
        OPENTEXT_CLIENT_SECRET: "",
        OPENTEXT_BASE_URL,
      }),
    ).toEqual(["NODE_ENV=production needs the credentials of OpenText (OPENTEXT_…)"]);
  });
});

describe("ports of subgraphs", () => {
  it("are read by the subgraph's name, if they are set", () => {
    expect(read({ EPISODES_PORT: "5002", LOCATIONS_PORT: "5003" }).subgraphPorts).toEqual({ episodes: 5002 });
    expect(
      readEnvironment({ SOUND_ZONES_PORT: "0" }, { ...configurable, subgraphs: ["sound-zones"] }).subgraphPorts,
    ).toEqual({ "sound-zones": 0 });
  });

  it("have variables with the subgraph's name in capitals", () => {
    expect(["campaigns", "sound-zones"].map(portVariable)).toEqual(["CAMPAIGNS_PORT", "SOUND_ZONES_PORT"]);
  });
});

describe("the project's root", () => {
  const root = join(import.meta.dirname, "../..");

  it("is the folder of rover.yaml, from any folder below it", () => {
    expect([projectRoot(), projectRoot(root), projectRoot(import.meta.dirname)]).toEqual([root, root, root]);
    expect(projectRoot(join(root, "dist/not/there"))).toBe(root);
  });

  it("is not found outside it", () => {
    expect(() => projectRoot(tmpdir())).toThrow(new Error("Cannot find rover.yaml in any folder above this file"));
  });
});

describe("a part that runs apart", () => {
  const APART = { SUBGRAPH_SECRET: SECRET, DATABASE_URL: "postgres://decibel@db.example/decibel" };
  const NO_SECRET = "SUBGRAPH_SECRET is missing, by which parts that run apart sign what they ask each other";
  const NO_DATABASE = "DATABASE_URL is missing: parts that run apart share their records on a PostgreSQL server";

  it.each([
    [["gateway"], [NO_SECRET]],
    [["signer"], [NO_SECRET]],
    [
      ["subgraph", "episodes"],
      [NO_SECRET, NO_DATABASE],
    ],
    [["worker"], [NO_SECRET, NO_DATABASE]],
    [["sandboxes"], []],
  ])("names what %j needs", (args, expected) => {
    expect(problems({}, args)).toEqual(expected);
    expect(problems(APART, args)).toEqual([]);
  });

  it("needs in production what it uses: a gateway no upstream, a subgraph no tokens, and nobody a sandbox", () => {
    const production = { ...APART, NODE_ENV: "production" };
    const { AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE, ...upstreams } = REAL;
    const tokens = { AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE };
    const urls = { CAMPAIGNS_URL: "http://campaigns/graphql", EPISODES_URL: "http://episodes/graphql" };
    const unrouted = (...names: string[]) => [
      `NODE_ENV=production needs ${names.join(", ")}, where the subgraphs that run apart answer`,
    ];
    expect(problems({ ...production, ...tokens, HOST: "0.0.0.0" }, ["gateway"])).toEqual(
      unrouted("CAMPAIGNS_URL", "EPISODES_URL"),
    );
    expect(problems({ ...production, ...tokens, ...urls, HOST: "0.0.0.0" }, ["gateway"])).toEqual([]);
    expect(problems({ ...production, ...urls }, ["gateway"])).toEqual([
      "NODE_ENV=production needs AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks",
    ]);
    expect(problems({ ...production, ...upstreams, HOST: "0.0.0.0" }, ["subgraph", "episodes"])).toEqual(
      unrouted("CAMPAIGNS_URL"),
    );
    expect(problems({ ...production, ...upstreams }, ["subgraph", ...SUBGRAPHS])).toEqual([]);
    expect(problems({ ...production, ...urls }, ["worker"])).toHaveLength(UPSTREAMS.length + 1);
    expect(problems(production, ["sandboxes"])).toEqual(["NODE_ENV=production has no sandboxes to start"]);
  });

  it("finds each replica of a subgraph at its URL", () => {
    const urls = "http://a:4001/graphql, http://b:4001/graphql";
    expect(read({ ...APART, CAMPAIGNS_URL: urls }, ["gateway"]).subgraphUrls).toEqual({
      campaigns: ["http://a:4001/graphql", "http://b:4001/graphql"],
    });
  });
});
