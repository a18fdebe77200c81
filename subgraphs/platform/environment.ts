/**
 * Which settings do the environment variables contain?
 *
 * The only file that reads the environment. All variables are checked at once, and the error names every invalid one. An
 * empty variable counts as not set. Upstreams and subgraphs declare their own variables (see registry.ts). An upstream
 * without credentials is replaced by its sandbox, except in production, which refuses to start. The file is long because
 * all checks are together.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { parseDatabaseUrl } from "./database-url.ts";
import type { Freshness } from "./facts/facts.ts";
import { isLoopback } from "./hosts.ts";
import { readReceiptKeys } from "./signing/receipt-keys.ts";
import type { ReceiptKeys } from "./signing/receipt-keys.ts";
import { httpUrl, httpsUrl, isDecodable } from "./upstream-settings.ts";
import { REQUEST_LIMITS } from "./request-limits.ts";
import type { RequestLimits } from "./request-limits.ts";
import { allRoles, hasBackend, identifiesCallers } from "./roles.ts";
import type { Roles } from "./roles.ts";
import type { AccountField, UpstreamSettings } from "./upstream-settings.ts";
import { SAMPLERS, readHeaders } from "./tracing/settings.ts";
import type { TracingSettings } from "./tracing/settings.ts";
import { readWebhooks } from "./webhooks-file.ts";
import type { Endpoint } from "./webhooks-file.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** The subgraphs and upstreams, which have variables of their own. */
export interface Configurable {
  /** Names of subgraphs, as in rover.yaml: each has a port. */
  readonly subgraphs: readonly string[];
  readonly upstreams: readonly UpstreamSettings[];
}

export interface Environment {
  readonly production: boolean;
  readonly host: string;
  readonly logLevel: string;
  /** Whether each request is a line in the log, at level `info`. */
  readonly logsAccess: boolean;
  /** Where the metrics of the process are served, besides each subgraph; undefined for nowhere else. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** undefined: nothing is traced. */
  readonly tracing: TracingSettings | undefined;
  /** Of the gateway. */
  readonly port: number;
  /** Where only partners are answered; undefined for nowhere but at the gateway's port. */
  readonly partnerPort: number | undefined;
  /** Origins whose pages may query the gateway: `https://portal.example`. */
  readonly corsOrigins: readonly string[];
  /** Names that clients call it by, besides `localhost` and addresses: `decibel.example`. */
  readonly allowedHosts: readonly string[];
  /** How callers prove who they are; undefined where nobody is asked, and anybody on this machine may do everything. */
  readonly tokens: TokenSettings | undefined;
  /** By the first one a gateway signs its requests to subgraphs, which accept all of them. None: see createSigning. */
  readonly subgraphSecrets: readonly string[];
  /** How many processes serve the gateway; 1 for this process itself. */
  readonly gatewayWorkers: number;
  readonly limits: RequestLimits;
  /** The file of the documents that clients may name; undefined for none. */
  readonly trustedDocuments: string | undefined;
  /** Of what a worker that runs apart says of itself. */
  readonly workerPort: number;
  /** Of the proxy that signs for another router. */
  readonly signerPort: number;
  /** The files of the supergraphs; undefined for those of the project. */
  readonly supergraphs: SupergraphFiles;
  /** How the gateway calls the subgraphs of its process. */
  readonly subgraphTransport: "memory" | "http";
  /** Name in rover.yaml → port, if it is not the one in its routing URL. */
  readonly subgraphPorts: Readonly<Record<string, number>>;
  /** Name in rover.yaml → the GraphQL endpoints of its replicas, if they are not at its routing URL. */
  readonly subgraphUrls: Readonly<Record<string, readonly string[]>>;
  /** Redis or Valkey, shared with other processes; undefined for memory. */
  readonly cacheUrl: string | undefined;
  readonly records: RecordSettings;
  /** Who is told of events. */
  readonly webhooks: readonly Endpoint[];
  /** Between two sweeps of a worklist; 0: this process sweeps only where a page needs it. */
  readonly sweepSeconds: number;
  /** OpenText Decision Service, or the local tables. */
  readonly decisions: "service" | "local";
  /** The share of answers not from the service that is verified with it, 0 to 1. */
  readonly verifyShare: number;
  /** How often the service is asked ahead, at most, when a model has a new version. */
  readonly warmCalls: number;
  /** How many entities a list may have that is filtered by what would be decided of each. */
  readonly eligibilityMax: number;
  readonly opentext: OpenTextSettings;
  /** Upstream name → how old what is known of it may be at most; undefined as its source declares. */
  readonly freshness: Readonly<Record<string, Partial<Freshness>>>;
  /** Upstream name → its account; undefined for its sandbox. */
  readonly accounts: Readonly<Record<string, object | undefined>>;
  readonly sandbox: SandboxSettings;
}

export interface TokenSettings {
  /** What tokens are verified with: the keys that their issuer publishes, or a secret that it shares. */
  readonly key: { readonly jwksUrl: string } | { readonly secret: string };
  /** Of the claim `iss`. */
  readonly issuer: string;
  /** Of the claim `aud`. */
  readonly audience: string;
  /** How people get a token in the console. Default: they bring one. */
  readonly signIn?: SignInSettings | undefined;
}

/** Of the issuer of tokens, by OpenID Connect: an authorization code with PKCE. */
export interface SignInSettings {
  /** Where people say who they are. */
  readonly authorizeUrl: string;
  /** Where a code becomes a token. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** undefined for a public client. */
  readonly clientSecret: string | undefined;
  /** Separated by blanks. */
  readonly scope: string;
}
export interface SupergraphFiles {
  readonly whole: string | undefined;
  /** With what partners see. */
  readonly partner: string | undefined;
}
export interface RecordSettings {
  /** A PostgreSQL server, shared with other processes; undefined for the embedded database. */
  readonly databaseUrl: string | undefined;
  /** The folder of the embedded database; `memory` keeps nothing. */
  readonly directory: string;
  /** How often an effect on an upstream is retried before it needs an operator. */
  readonly retries: number;
  /** Seconds before the first retry; doubled each time. */
  readonly retrySeconds: number;
  /** How far the lists of upstreams are assumed to lag, in seconds. */
  readonly lagSeconds: number;
  /** By which the ledger is sealed and receipts are signed; undefined: they are not. */
  readonly ledgerKeys: ReceiptKeys | undefined;
  /** How long evaluations are kept; undefined for ever. */
  readonly ledgerDays: number | undefined;
}
export interface OpenTextSettings {
  /** undefined for the sandbox. */
  readonly baseUrl: string | undefined;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whose models count where several namespaces have a key, by name or id; undefined: the namespace of each table. */
  readonly namespace?: string | undefined;
  /** The path of a batch endpoint below `baseUrl`; undefined without one. */
  readonly batchPath?: string | undefined;
  /** The deadline of a call in milliseconds, single or batch. */
  readonly timeoutMs: number;
  /** The deadline of all evaluations of a batch in milliseconds. */
  readonly batchTimeoutMs: number;
  /** The maximum number of evaluations in flight. */
  readonly concurrency: number;
  /** The maximum number of evaluations started a second; undefined without a limit. */
  readonly requestsPerSecond: number | undefined;
  /** The maximum number of evaluations that wait. */
  readonly queueLimit: number;
  /** Milliseconds before an open circuit allows a probe. */
  readonly recoveryMs: number;
  /** Milliseconds between two reads of the models' versions. */
  readonly versionIntervalMs: number;
}
export interface SandboxSettings {
  /** A factor for the amount of data. */
  readonly scale: number;
  /** A folder of more tables for the OpenText sandbox. */
  readonly tables: string | undefined;
  /** Upstream name → port of its sandbox. */
  readonly ports: Readonly<Record<string, number>>;
  /** Where a process that runs apart finds them. */
  readonly host: string;
}

const PROXY_URL = "expected a URL such as http://proxy.example:3128, its user and password percent-encoded";
const proxyUrl = z.url({ protocol: /^https?$/, error: PROXY_URL }).refine(isDecodable, PROXY_URL);
const CACHE_URL =
  "expected redis:// or rediss://, one server or one node of a cluster, and a number as its database, such as " +
  "redis://user:password@cache.example:6379/0, its user and password percent-encoded";
const NO_SENTINEL = "Sentinel is not supported: expected redis:// or rediss:// and an address that follows the primary";
/** The client would take anything else for something that it is not, or fail in words without the variable. */
const isCacheUrl = (url: string): boolean => {
  if (!URL.canParse(url) || !isDecodable(url)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(url);
  const isOneServer = /^rediss?:$/.test(protocol) && hostname !== "" && !hostname.includes(",");
  return isOneServer && /^(?:\/\d*)?$/.test(pathname) && !`${search}${hash}`.includes("@");
};
const cacheUrl = z.string().refine(isCacheUrl, {
  error: ({ input }) => (/^[\w+-]*sentinel/i.test(String(input)) ? NO_SENTINEL : CACHE_URL),
});
/** Digits only: blanks, `1e3` and `0x10` are numbers to JavaScript, but usually typing errors. */
const whole = (min: number, max: number) =>
  z
    .string()
    .refine((digits) => /^\d+$/.test(digits) && Number(digits) >= min && Number(digits) <= max, {
      error: ({ input }) => `expected a whole number from ${min} to ${max}, got "${String(input)}"`,
    })
    .transform(Number);
const integer = (min: number, max: number, standard: number) => whole(min, max).default(standard);
const seconds = (max: number) => whole(0, max);
const port = (standard: number) => integer(0, 65_535, standard);
const milliseconds = (standard: number) => integer(1, 3_600_000, standard);
const decimal = (isInRange: (value: number) => boolean, range: string) =>
  z
    .string()
    .refine((digits) => /^(\d+|\d*\.\d+)$/.test(digits) && isInRange(Number(digits)), {
      error: ({ input }) => `expected a number ${range}, got "${String(input)}"`,
    })
    .transform(Number);
const share = (standard: number) => decimal((value) => value <= 1, "from 0 to 1").default(standard);
const rate = (max: number) => decimal((value) => value > 0 && value <= max, `above 0, up to ${max}`);
const text = z.string().optional();
/** Relative to a base URL. */
const path = z.string().regex(/^\/[^\s?#]+$/, {
  error: ({ input }) => `expected a path that starts with "/", got "${String(input)}"`,
});
/** Separated by commas. */
const list = (isValid: (one: string) => boolean, expected: string) =>
  z.string().transform((texts, context) =>
    texts
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "")
      .map((one) => {
        if (!isValid(one)) context.addIssue(`expected ${expected}, separated by commas, got "${one}"`);
        return one;
      }),
  );
const origins = list(
  (one) => URL.canParse(one) && new URL(one).origin === one,
  "origins such as https://portal.example",
);
const hosts = list(
  (one) => one === "*" || (URL.canParse(`http://${one}`) && new URL(`http://${one}`).hostname === one),
  "names such as decibel.example",
);
/** Of the replicas of one subgraph. */
const replicaUrls = list(
  (one) => /^https?:\/\/[^\s@?#]+$/.test(one) && URL.canParse(one),
  "URLs such as http://campaigns:4001/graphql",
);
/** Whoever could change what is read there could sign tokens. */
const keysUrl = httpsUrl("its answer says whom to believe");
const signInUrl = httpsUrl("who listens could sign in");
/** Of 256 bits, if it is random. No message repeats one. */
const MIN_SECRET_BYTES = 32;
const isLong = (secret: string): boolean => Buffer.byteLength(secret) >= MIN_SECRET_BYTES;
const secret = z.string().refine(isLong, `expected at least ${MIN_SECRET_BYTES} bytes`);
/** The new one and the one before, while it changes. */
const secrets = z
  .string()
  .transform((text) => text.split(",").map((one) => one.trim()))
  .refine(
    (all) => all.length <= 2 && all.every(isLong),
    `expected at least ${MIN_SECRET_BYTES} bytes, or two such secrets, separated by a comma`,
  );
/** No message repeats one. */
const ledgerKeys = z.string().transform((given, context) => {
  try {
    return readReceiptKeys(given);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});
const isOn = z
  .enum(["true", "false"], { error: ({ input }) => `expected true or false, got "${String(input)}"` })
  .default("false")
  .transform((text) => text === "true");
/** No message repeats one: they may be secret. */
const headers = z.string().transform((given, context) => {
  const read = readHeaders(given);
  if (!read) context.addIssue("expected headers such as name=value,name=value, percent-encoded");
  return read ?? {};
});
const databaseUrl = z.string().superRefine((value, context) => {
  try {
    parseDatabaseUrl(value);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
  }
});
/** The id and the secret of every sandbox. */
const SANDBOX = "sandbox";

const LOOPBACK = "127.0.0.1";
const TOKEN_VARIABLES = "AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks";

/** A week: of what never changes. */
const MAX_AGE_SECONDS = 604_800;
/** The name of the decision service among the upstreams. */
export const OPENTEXT = "opentext";
const OPENTEXT_SANDBOX_PORT = 4100;
const OPENTEXT_CREDENTIALS = {
  tenantId: "OPENTEXT_TENANT_ID",
  clientId: "OPENTEXT_CLIENT_ID",
  clientSecret: "OPENTEXT_CLIENT_SECRET",
};

const Process = z.object({
  NODE_ENV: z
    .enum(["production", "development", "test"], {
      error: ({ input }) => `expected production, development or test, or no value, got "${String(input)}"`,
    })
    .optional(),
  HOST: z.string().default(LOOPBACK),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("warn"),
  ACCESS_LOG: isOn,
  METRICS_PORT: whole(0, 65_535).optional(),
  METRICS_HOST: z.string().default(LOOPBACK),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.default({}),
  OTEL_SERVICE_NAME: z.string().default("decibel"),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: ({ input }) => `expected one of ${SAMPLERS.join(", ")}, got "${String(input)}"` })
    .default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: share(1),
  TRACE_DOCUMENTS: isOn,
  TRACE_UPSTREAMS: text,
  PORT: port(4000),
  PARTNER_PORT: whole(0, 65_535).optional(),
  CORS_ORIGINS: origins.default([]),
  ALLOWED_HOSTS: hosts.default([]),
  HTTPS_PROXY: proxyUrl.optional(),
  HTTP_PROXY: proxyUrl.optional(),
  NO_PROXY: text,
  AUTH_JWKS_URL: keysUrl.optional(),
  AUTH_JWT_SECRET: secret.optional(),
  AUTH_ISSUER: text,
  AUTH_AUDIENCE: text,
  AUTH_OIDC_AUTHORIZE_URL: signInUrl.optional(),
  AUTH_OIDC_TOKEN_URL: signInUrl.optional(),
  AUTH_OIDC_CLIENT_ID: text,
  AUTH_OIDC_CLIENT_SECRET: text,
  AUTH_OIDC_SCOPE: z.string().default("openid"),
  SUBGRAPH_SECRET: secrets.default([]),
  GATEWAY_WORKERS: integer(1, 64, 1),
  LIMIT_COST: integer(1, 1_000_000_000, REQUEST_LIMITS.cost),
  LIMIT_OPENTEXT_CALLS: integer(0, 1_000_000_000, REQUEST_LIMITS.openTextCalls),
  LIMIT_REQUESTS_PER_MINUTE: whole(1, 1_000_000).optional(),
  LIMIT_SUBSCRIPTIONS: integer(0, 1_000_000, REQUEST_LIMITS.subscriptions),
  LIMIT_BODY_BYTES: integer(1024, 64 * 1024 * 1024, REQUEST_LIMITS.bodyBytes),
  REQUEST_TIMEOUT_MS: milliseconds(REQUEST_LIMITS.timeoutMs),
  TRUSTED_DOCUMENTS: text,
  WORKER_PORT: port(4010),
  SIGNER_PORT: port(4020),
  SUPERGRAPH_FILE: text,
  PARTNER_SUPERGRAPH_FILE: text,
  SUBGRAPH_TRANSPORT: z.enum(["memory", "http"]).default("memory"),
  CACHE_URL: cacheUrl.optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATA_DIR: z.string().default(".data"),
  OUTBOX_RETRIES: integer(1, 1000, 300),
  OUTBOX_RETRY_SECONDS: integer(0, 3600, 1),
  OUTBOX_LAG_SECONDS: integer(0, 86_400, 300),
  LEDGER_KEY: ledgerKeys.optional(),
  LEDGER_RETENTION_DAYS: whole(90, 36_500).optional(),
  WORKLIST_SWEEP_SECONDS: integer(0, 86_400, 60),
  WEBHOOKS_FILE: text,
  DECISIONS: z.enum(["service", "local"]).default("service"),
  DECISIONS_VERIFY_SHARE: share(0.01),
  DECISIONS_WARM_CALLS: integer(0, 1_000_000, 1000),
  ELIGIBILITY_MAX: integer(1, 1_000_000, 10_000),
  OPENTEXT_BASE_URL: httpUrl.optional(),
  OPENTEXT_TENANT_ID: text,
  OPENTEXT_CLIENT_ID: text,
  OPENTEXT_CLIENT_SECRET: text,
  OPENTEXT_NAMESPACE: text,
  OPENTEXT_BATCH_PATH: path.optional(),
  OPENTEXT_TIMEOUT_MS: milliseconds(5000),
  OPENTEXT_BATCH_TIMEOUT_MS: milliseconds(15_000),
  OPENTEXT_CONCURRENCY: integer(1, 1024, 16),
  OPENTEXT_REQUESTS_PER_SECOND: rate(100_000).optional(),
  OPENTEXT_QUEUE_LIMIT: integer(1, 1_000_000, 10_000),
  OPENTEXT_RECOVERY_MS: milliseconds(5000),
  OPENTEXT_VERSION_INTERVAL_MS: milliseconds(15_000),
  SANDBOX_SCALE: integer(1, 1000, 1),
  SANDBOX_TABLES: text,
  SANDBOXES_HOST: z.string().default(LOOPBACK),
});

/** By convention their names are read in small letters too, and those first. */
const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] as const;

/** Of this process. */
export const variables: Variables = process.env;

/** Throws an Error that names every invalid or missing variable. Default: this process runs all parts. */
export function readEnvironment(
  variables: Variables,
  { subgraphs, upstreams }: Configurable,
  roles: Roles = allRoles(subgraphs),
): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
  for (const name of PROXIES) {
    const other = set[name.toLowerCase()];
    if (other !== undefined) set[name] = other;
  }
  const parsed = Process.safeParse(set);
  const ports = z.object(portShape(subgraphs, upstreams)).safeParse(set);
  const urls = z.object(urlShape(subgraphs)).safeParse(set);
  const ages = z.object(freshnessShape(upstreams)).safeParse(set);
  const settings = z.object(settingShape(upstreams)).safeParse(set);
  const problems = [
    ...misread(set, variableNames({ subgraphs, upstreams })),
    ...[parsed.error, ports.error, urls.error, ages.error, settings.error].flatMap(problemsOf),
    ...problemsOfSplit(roles, set, subgraphs),
  ];

  const missing = upstreams.filter((upstream) => !hasAccount(upstream, set, problems));
  const opentext = openTextCredentials(set, problems);
  const tokens = tokenSettings(set, problems);
  const toldUpstreams = tracedUpstreams(set, [OPENTEXT, ...upstreams.map(({ name }) => name)], problems);
  const webhooks = hasBackend(roles) ? endpoints(set, problems) : [];
  if (set["NODE_ENV"] === "production" && hasBackend(roles)) {
    // Local decisions do not need OpenText, unless its URL is set to verify them.
    const needsOpenText = set["DECISIONS"] !== "local" || set["OPENTEXT_BASE_URL"] !== undefined;
    const titles = missing.map(({ title }) => title);
    if (needsOpenText && !opentext) titles.unshift("OpenText (OPENTEXT_…)");
    problems.push(...titles.map((title) => `  NODE_ENV=production needs the credentials of ${title}`));
    if (set["DATABASE_URL"] === undefined && set["DATA_DIR"] === "memory") {
      problems.push("  NODE_ENV=production needs DATABASE_URL, or a folder as DATA_DIR, to keep the decisions");
    }
  }
  if (set["NODE_ENV"] === "production" && identifiesCallers(roles) && !hasTokens(set))
    problems.push(`  NODE_ENV=production needs ${TOKEN_VARIABLES}`);
  if (set["NODE_ENV"] !== "production" && identifiesCallers(roles) && !hasTokens(set))
    problems.push(...openToOthers(set));
  if (!parsed.success || !ports.success || !urls.success || !ages.success || !settings.success || problems.length > 0) {
    throw new Error(`Cannot read the environment:\n${problems.join("\n")}`);
  }
  const values = parsed.data;

  return {
    production: values.NODE_ENV === "production",
    host: values.HOST,
    logLevel: values.LOG_LEVEL,
    logsAccess: values.ACCESS_LOG,
    metrics: values.METRICS_PORT === undefined ? undefined : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    tracing:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
            headers: values.OTEL_EXPORTER_OTLP_HEADERS,
            serviceName: values.OTEL_SERVICE_NAME,
            sampler: values.OTEL_TRACES_SAMPLER,
            ratio: values.OTEL_TRACES_SAMPLER_ARG,
            hasDocuments: values.TRACE_DOCUMENTS,
            toldUpstreams,
          },
    port: values.PORT,
    partnerPort: values.PARTNER_PORT,
    corsOrigins: values.CORS_ORIGINS,
    allowedHosts: values.ALLOWED_HOSTS,
    tokens,
    subgraphSecrets: values.SUBGRAPH_SECRET,
    gatewayWorkers: values.GATEWAY_WORKERS,
    limits: {
      cost: values.LIMIT_COST,
      openTextCalls: values.LIMIT_OPENTEXT_CALLS,
      requestsPerMinute: values.LIMIT_REQUESTS_PER_MINUTE,
      subscriptions: values.LIMIT_SUBSCRIPTIONS,
      bodyBytes: values.LIMIT_BODY_BYTES,
      timeoutMs: values.REQUEST_TIMEOUT_MS,
    },
    trustedDocuments: values.TRUSTED_DOCUMENTS,
    workerPort: values.WORKER_PORT,
    signerPort: values.SIGNER_PORT,
    supergraphs: { whole: values.SUPERGRAPH_FILE, partner: values.PARTNER_SUPERGRAPH_FILE },
    subgraphTransport: values.SUBGRAPH_TRANSPORT,
    subgraphPorts: Object.fromEntries(
      subgraphs.flatMap((name) => (set[portVariable(name)] === undefined ? [] : [[name, portOf(name)]])),
    ),
    subgraphUrls: Object.fromEntries(
      subgraphs.flatMap((name) => {
        const given = urls.data[urlVariable(name)];
        return given === undefined || given.length === 0 ? [] : [[name, given]];
      }),
    ),
    cacheUrl: values.CACHE_URL,
    records: {
      databaseUrl: values.DATABASE_URL,
      directory: values.DATA_DIR,
      retries: values.OUTBOX_RETRIES,
      retrySeconds: values.OUTBOX_RETRY_SECONDS,
      lagSeconds: values.OUTBOX_LAG_SECONDS,
      ledgerKeys: values.LEDGER_KEY,
      ledgerDays: values.LEDGER_RETENTION_DAYS,
    },
    webhooks,
    sweepSeconds: values.WORKLIST_SWEEP_SECONDS,
    decisions: values.DECISIONS,
    verifyShare: values.DECISIONS_VERIFY_SHARE,
    warmCalls: values.DECISIONS_WARM_CALLS,
    eligibilityMax: values.ELIGIBILITY_MAX,
    opentext: {
      baseUrl: values.OPENTEXT_BASE_URL,
      ...(opentext ?? { tenantId: SANDBOX, clientId: SANDBOX, clientSecret: SANDBOX }),
      namespace: values.OPENTEXT_NAMESPACE,
      batchPath: values.OPENTEXT_BATCH_PATH,
      timeoutMs: values.OPENTEXT_TIMEOUT_MS,
      batchTimeoutMs: values.OPENTEXT_BATCH_TIMEOUT_MS,
      concurrency: values.OPENTEXT_CONCURRENCY,
      requestsPerSecond: values.OPENTEXT_REQUESTS_PER_SECOND,
      queueLimit: values.OPENTEXT_QUEUE_LIMIT,
      recoveryMs: values.OPENTEXT_RECOVERY_MS,
      versionIntervalMs: values.OPENTEXT_VERSION_INTERVAL_MS,
    },
    accounts: Object.fromEntries(
      upstreams.map((upstream) => [
        upstream.name,
        missing.includes(upstream)
          ? undefined
          : Object.fromEntries(fieldsOf(upstream).map(([field, { variable }]) => [field, settings.data[variable]])),
      ]),
    ),
    freshness: Object.fromEntries(
      upstreams.filter(({ hasFacts }) => hasFacts).map(({ name }) => [name, freshnessOf(name)]),
    ),
    sandbox: {
      scale: values.SANDBOX_SCALE,
      tables: values.SANDBOX_TABLES,
      ports: Object.fromEntries(
        [OPENTEXT, ...upstreams.map(({ name }) => name)].map((name) => [name, portOf(`${name}-sandbox`)]),
      ),
      host: values.SANDBOXES_HOST,
    },
  };

  function portOf(name: string): number {
    return ports.data?.[portVariable(name)] ?? 0;
  }

  function freshnessOf(upstream: string): Partial<Freshness> {
    const [fresh, stale] = freshnessVariables(upstream).map((variable) => ages.data?.[variable]);
    return {
      ...(fresh !== undefined && { freshForMs: fresh * 1000 }),
      ...(stale !== undefined && { staleForMs: stale * 1000 }),
    };
  }
}

/** For commands that need only the records. Throws an Error that names every invalid variable. */
export function readRecordSettings({ DATABASE_URL, DATA_DIR }: Variables): RecordSettings {
  return readEnvironment({ DATABASE_URL, DATA_DIR }, { subgraphs: [], upstreams: [] }).records;
}

/** For commands about the ledger. Throws an Error. */
export function readLedgerKeys({ LEDGER_KEY }: Variables): ReceiptKeys | undefined {
  return readEnvironment({ LEDGER_KEY }, { subgraphs: [], upstreams: [] }).records.ledgerKeys;
}

/** For commands about webhooks. Throws an Error in one sentence. */
export function readEndpoints(given: Variables): readonly Endpoint[] {
  const problems: string[] = [];
  const found = endpoints(given, problems);
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.trim()).join("; "));
  return found;
}

/** The names of all variables. */
export function variableNames({ subgraphs, upstreams }: Configurable): readonly string[] {
  const [ports, urls] = [portShape(subgraphs, upstreams), urlShape(subgraphs)];
  const shapes = [Process.shape, ports, urls, freshnessShape(upstreams), settingShape(upstreams)];
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];
}

/** `campaigns` → `CAMPAIGNS_PORT`. */
export function portVariable(name: string): string {
  return `${prefixOf(name)}_PORT`;
}

/** `campaigns` → `CAMPAIGNS_URL`. */
export function urlVariable(subgraph: string): string {
  return `${prefixOf(subgraph)}_URL`;
}

/** `spotify-ads` → `SPOTIFY_ADS_FRESH_SECONDS`, `SPOTIFY_ADS_STALE_SECONDS`. */
export function freshnessVariables(upstream: string): readonly [fresh: string, stale: string] {
  return [`${prefixOf(upstream)}_FRESH_SECONDS`, `${prefixOf(upstream)}_STALE_SECONDS`];
}

function prefixOf(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

/** The folder of rover.yaml, above this file or its build. A build has a copy, for an installation that has only `dist`. */
export function projectRoot(from: string = import.meta.dirname): string {
  const nearest = folderOfRover(from);
  const project = join(nearest, "../..");
  return basename(dirname(nearest)) === "dist" && existsSync(join(project, "rover.yaml")) ? project : nearest;
}

function folderOfRover(from: string): string {
  if (existsSync(join(from, "rover.yaml"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error("Cannot find rover.yaml in any folder above this file");
  return folderOfRover(parent);
}

/** A subgraph's default port is in rover.yaml; a sandbox's is declared with its upstream. */
function portShape(subgraphs: readonly string[], upstreams: readonly UpstreamSettings[]) {
  const sandboxes = [
    [OPENTEXT, OPENTEXT_SANDBOX_PORT] as const,
    ...upstreams.map(({ name, sandboxPort }) => [name, sandboxPort] as const),
  ];
  return Object.fromEntries([
    ...subgraphs.map((name) => [portVariable(name), port(0)] as const),
    ...sandboxes.map(([name, standard]) => [portVariable(`${name}-sandbox`), port(standard)] as const),
  ]);
}

/** Without a value, replicas are where rover.yaml says. */
function urlShape(subgraphs: readonly string[]) {
  return Object.fromEntries(subgraphs.map((name) => [urlVariable(name), replicaUrls.optional()] as const));
}

/** Without a value, facts are as old as their source declares. */
function freshnessShape(upstreams: readonly UpstreamSettings[]) {
  const names = upstreams.filter(({ hasFacts }) => hasFacts).flatMap(({ name }) => freshnessVariables(name));
  return Object.fromEntries(names.map((name) => [name, seconds(MAX_AGE_SECONDS).optional()]));
}

function settingShape(upstreams: readonly UpstreamSettings[]): z.ZodRawShape {
  const fields = upstreams.flatMap((upstream) => fieldsOf(upstream).map(([, field]) => field));
  return Object.fromEntries(
    fields.map(({ variable, schema, isCredential }) => [variable, isCredential ? schema.optional() : schema]),
  );
}

function fieldsOf({ fields }: UpstreamSettings): readonly (readonly [string, AccountField<unknown>])[] {
  return Object.entries<AccountField<unknown>>(fields);
}

/** Adds a problem if only some credentials of an account are set. */
function hasAccount(upstream: UpstreamSettings, set: Variables, problems: string[]): boolean {
  const credentials = fieldsOf(upstream).filter(([, { isCredential }]) => isCredential);
  return isAnySet(
    credentials.map(([, { variable }]) => variable),
    set,
    problems,
  );
}

/**
 * OpenText has no default URL: credentials without OPENTEXT_BASE_URL are a problem. A base URL without credentials is the
 * sandbox of another process. The value `sandbox` counts as not set.
 */
function openTextCredentials(set: Variables, problems: string[]) {
  const real = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== SANDBOX));
  const { tenantId, clientId, clientSecret } = OPENTEXT_CREDENTIALS;
  const names = Object.values(OPENTEXT_CREDENTIALS);
  if (set["OPENTEXT_BASE_URL"] === undefined) {
    const given = names.find((name) => real[name] !== undefined);
    if (given) problems.push(`  ${given} is set, but OPENTEXT_BASE_URL is not`);
    return undefined;
  }
  if (!isAnySet(names, real, problems)) return undefined;
  return { tenantId: real[tenantId] ?? "", clientId: real[clientId] ?? "", clientSecret: real[clientSecret] ?? "" };
}

/** Adds a problem for each name that is of no upstream. */
function tracedUpstreams(
  { TRACE_UPSTREAMS: given = "" }: Variables,
  known: readonly string[],
  problems: string[],
): readonly string[] {
  const names = given.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()]));
  for (const name of names.filter((one) => !known.includes(one)))
    problems.push(`  TRACE_UPSTREAMS: expected some of ${known.join(", ")}, separated by commas, got "${name}"`);
  return names;
}

/** Adds a problem where the file is wrong. What it refers to may be any variable. */
function endpoints(set: Variables, problems: string[]): readonly Endpoint[] {
  const { WEBHOOKS_FILE: file } = set;
  if (file === undefined || file === "") return [];
  try {
    return readWebhooks(file, set);
  } catch (error) {
    problems.push(`  WEBHOOKS_FILE: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** Adds a problem where they are not complete, or say two things. */
function tokenSettings(set: Variables, problems: string[]): TokenSettings | undefined {
  const { AUTH_JWKS_URL: jwksUrl, AUTH_JWT_SECRET: secret, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = set;
  if (jwksUrl !== undefined && secret !== undefined)
    problems.push("  AUTH_JWT_SECRET is set, but AUTH_JWKS_URL is too: tokens are verified by one of them");
  // Whoever signs tokens could sign as a gateway.
  if (secret !== undefined && (set["SUBGRAPH_SECRET"] ?? "").split(",").some((one) => one.trim() === secret.trim()))
    problems.push("  SUBGRAPH_SECRET is AUTH_JWT_SECRET too: they need secrets of their own");
  for (const [name, value] of Object.entries({ AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience })) {
    if (value === undefined && hasTokens(set)) problems.push(`  ${name} is missing, but tokens are verified`);
    if (value !== undefined && !hasTokens(set))
      problems.push(`  ${name} is set, but neither AUTH_JWKS_URL nor AUTH_JWT_SECRET is`);
  }
  const signIn = signInSettings(set, problems);
  if (issuer === undefined || audience === undefined) return undefined;
  if (jwksUrl !== undefined) return { key: { jwksUrl }, issuer, audience, signIn };
  return secret === undefined ? undefined : { key: { secret }, issuer, audience, signIn };
}

/** Adds a problem where they are not complete. */
function signInSettings(set: Variables, problems: string[]): SignInSettings | undefined {
  const {
    AUTH_OIDC_AUTHORIZE_URL: authorizeUrl,
    AUTH_OIDC_TOKEN_URL: tokenUrl,
    AUTH_OIDC_CLIENT_ID: clientId,
    AUTH_OIDC_CLIENT_SECRET: clientSecret,
    AUTH_OIDC_SCOPE: scope = "openid",
  } = set;
  const needed = {
    AUTH_OIDC_AUTHORIZE_URL: authorizeUrl,
    AUTH_OIDC_TOKEN_URL: tokenUrl,
    AUTH_OIDC_CLIENT_ID: clientId,
  };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  const isAsked = missing.length < Object.keys(needed).length || clientSecret !== undefined;
  if (isAsked && !hasTokens(set))
    problems.push(
      "  AUTH_OIDC_CLIENT_ID and others of sign-in are set, but neither AUTH_JWKS_URL nor AUTH_JWT_SECRET is",
    );
  if (isAsked)
    problems.push(...missing.map((name) => `  ${name} is missing, but others of how people sign in are set`));
  if (authorizeUrl === undefined || tokenUrl === undefined || clientId === undefined) return undefined;
  return { authorizeUrl, tokenUrl, clientId, clientSecret, scope };
}

/** What parts need that run apart: to know each other, to share what one alone would keep, and to find each other. */
function problemsOfSplit(roles: Roles, set: Variables, subgraphs: readonly string[]): string[] {
  const isProduction = set["NODE_ENV"] === "production";
  if (!roles.isSplit) return [];
  if (roles.sandboxes) return isProduction ? ["  NODE_ENV=production has no sandboxes to start"] : [];
  const others = subgraphs.filter((name) => !roles.subgraphs.includes(name)).map(urlVariable);
  const missing = others.filter((name) => set[name] === undefined);
  return [
    ...(set["SUBGRAPH_SECRET"] === undefined
      ? ["  SUBGRAPH_SECRET is missing, by which parts that run apart sign what they ask each other"]
      : []),
    ...(set["DATABASE_URL"] === undefined && hasBackend(roles)
      ? ["  DATABASE_URL is missing: parts that run apart share their records on a PostgreSQL server"]
      : []),
    ...(isProduction && missing.length > 0
      ? [`  NODE_ENV=production needs ${missing.join(", ")}, where the subgraphs that run apart answer`]
      : []),
  ];
}

/** What would let in more than this machine, where nobody is asked who they are. */
function openToOthers(set: Variables): string[] {
  const { HOST: host = LOOPBACK, ALLOWED_HOSTS: names = "" } = set;
  const anyHost = `  HOST=${host} lets other machines in, which needs ${TOKEN_VARIABLES}; without, HOST=${LOOPBACK}`;
  // A page of any site can give its own name this machine's address.
  const anyName = `  ALLOWED_HOSTS=${names} lets the pages of all sites in, which needs ${TOKEN_VARIABLES}`;
  return [
    ...(isLoopback(host) ? [] : [anyHost]),
    ...(names.split(",").some((name) => name.trim() === "*") ? [anyName] : []),
  ];
}

function hasTokens(set: Variables): boolean {
  return set["AUTH_JWKS_URL"] !== undefined || set["AUTH_JWT_SECRET"] !== undefined;
}

/** Adds a problem for each missing one if others are set. */
function isAnySet(names: readonly string[], set: Variables, problems: string[]): boolean {
  const missing = names.filter((name) => set[name] === undefined);
  if (missing.length === names.length) return false;
  problems.push(...missing.map((name) => `  ${name} is missing, but others of the same upstream are set`));
  return true;
}

/** What only some readers of such files take away, and docker or systemd leaves in the value. */
function misread(set: Variables, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = set[name] ?? "";
    // Its few values are named by an error of its own.
    if (name === "NODE_ENV") return [];
    if (/(?:^|\s)#/.test(value)) return `  ${name}: a comment is part of its value: write it on a line of its own`;
    if (/^(["']).*\1$/s.test(value)) return `  ${name}: quotes are part of its value: write it without them`;
    return value === value.trim() ? [] : `  ${name}: blanks or line breaks at an end are part of its value`;
  });
}

function problemsOf(error: z.ZodError | undefined): string[] {
  return error?.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`) ?? [];
}
