/**
 * What did the operator decide?
 *
 * The only file that reads the environment. Everything is checked at once and every mistake is named; an empty
 * variable counts as not set. An upstream whose credentials are not there is served by its sandbox, except in
 * production, which refuses to start on one. Where the tables here decide, OpenText is not needed.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { isWebhookSecret } from "./webhook.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Environment {
  readonly production: boolean;
  readonly host: string;
  readonly logLevel: string;
  /** Of the gateway. */
  readonly port: number;
  /** Name in rover.yaml → port, where it differs from the one in its routing URL. */
  readonly subgraphPorts: Readonly<Record<string, number>>;
  /** Redis or Valkey, shared with other processes; memory where undefined. */
  readonly cacheUrl: string | undefined;
  readonly records: RecordSettings;
  /** Who decides: OpenText Decision Service, or the tables here. */
  readonly decisions: "service" | "local";
  /** How many of the answers that the service did not give are asked again to compare, 0 to 1. */
  readonly verifyShare: number;
  /** `undefined` where the upstream's sandbox serves it. */
  readonly opentext: OpenTextAccount;
  readonly spotifyAds: SpotifyAdsAccount | undefined;
  readonly spotifyWeb: SpotifyWebAccount | undefined;
  readonly megaphone: MegaphoneAccount | undefined;
  readonly soundtrack: SoundtrackAccount | undefined;
  readonly leads: LeadsAccount | undefined;
  readonly sandbox: SandboxSettings;
}

export interface RecordSettings {
  /** A PostgreSQL server, shared with other processes; undefined: a database inside this process. */
  readonly databaseUrl: string | undefined;
  /** The folder of the database inside this process; `memory`: nothing is kept. */
  readonly directory: string;
  /** How often an effect on an upstream is tried again before somebody has to look at it. */
  readonly retries: number;
  /** Seconds before it is tried again for the first time; each time twice as long. */
  readonly retrySeconds: number;
}
export interface OpenTextAccount {
  /** `undefined` where the sandbox serves it. */
  readonly baseUrl: string | undefined;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of an endpoint for many evaluations at once, below `baseUrl`; undefined: there is none. */
  readonly batchPath: string | undefined;
  /** Milliseconds a call may take, for one evaluation or for many. */
  readonly timeoutMs: number;
  /** Milliseconds all evaluations of a batch may take together. */
  readonly batchTimeoutMs: number;
  /** Evaluations in flight at once. */
  readonly concurrency: number;
  /** Evaluations begun a second; undefined: no limit. */
  readonly requestsPerSecond: number | undefined;
  /** Evaluations that may wait. */
  readonly queueLimit: number;
  /** Milliseconds a service that keeps failing is left alone before it is tried again. */
  readonly recoveryMs: number;
  /** Milliseconds between two looks at which versions run. */
  readonly versionIntervalMs: number;
}
export interface SpotifyAdsAccount {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}
export interface SpotifyWebAccount {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the user in whose library playlists are made. */
  readonly refreshToken: string;
  readonly mode: "extended" | "development";
  /** ISO 3166-1 alpha-2: without a user, Spotify shows only what one market may hear. */
  readonly market: string;
}
export interface MegaphoneAccount {
  readonly baseUrl: string;
  readonly networkId: string;
  readonly token: string;
}
export interface SoundtrackAccount {
  readonly baseUrl: string;
  readonly token: string;
}
/** Of whichever system is told of leads, by a webhook. */
export interface LeadsAccount {
  readonly url: string;
  readonly secret: string;
}
export interface SandboxSettings {
  /** How many times the usual amount of data. */
  readonly scale: number;
  /** A folder of more tables for the OpenText sandbox. */
  readonly tables: string | undefined;
  readonly ports: {
    readonly opentext: number;
    readonly spotifyAds: number;
    readonly spotifyWeb: number;
    readonly megaphone: number;
    readonly soundtrack: number;
    readonly crm: number;
  };
}

/** Digits only: what JavaScript takes for a number (blanks for 0, `1e3`, `0x10`) is more often a slip than a wish. */
const whole = (least: number, most: number, standard: number) =>
  z
    .string()
    .refine((digits) => /^\d+$/.test(digits) && Number(digits) >= least && Number(digits) <= most, {
      error: ({ input }) => `expected a whole number from ${least} to ${most}, got "${String(input)}"`,
    })
    .transform(Number)
    .default(standard);
const port = (standard: number) => whole(0, 65_535, standard);
const milliseconds = (standard: number) => whole(1, 3_600_000, standard);
const share = (standard: number) =>
  z
    .string()
    .refine((digits) => /^(0|1|[01]?\.\d+)$/.test(digits) && Number(digits) <= 1, {
      error: ({ input }) => `expected a number from 0 to 1, got "${String(input)}"`,
    })
    .transform(Number)
    .default(standard);
const text = z.string().optional();
const url = z.url({ protocol: /^https?$/ });
/** Of a URL, from where its base ends. */
const path = z.string().regex(/^\/[^\s?#]+$/, {
  error: ({ input }) => `expected a path that starts with "/", got "${String(input)}"`,
});
/** A message with the secret in it would end up in a log. */
const webhookSecret = z.string().refine(isWebhookSecret, 'expected "whsec_" and 24 to 64 bytes in base64');
/** Every id and secret of a sandbox. */
const SANDBOX = "sandbox";

const Environment = z.object({
  NODE_ENV: text,
  HOST: z.string().default("127.0.0.1"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("warn"),
  PORT: port(4000),
  CACHE_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(?:ql)?$/ }).optional(),
  DATA_DIR: z.string().default(".data"),
  OUTBOX_RETRIES: whole(1, 1000, 300),
  OUTBOX_RETRY_SECONDS: whole(0, 3600, 1),
  DECISIONS: z.enum(["service", "local"]).default("service"),
  DECISIONS_VERIFY_SHARE: share(0.01),
  OPENTEXT_BASE_URL: url.optional(),
  OPENTEXT_TENANT_ID: text,
  OPENTEXT_CLIENT_ID: text,
  OPENTEXT_CLIENT_SECRET: text,
  OPENTEXT_BATCH_PATH: path.optional(),
  OPENTEXT_TIMEOUT_MS: milliseconds(5000),
  OPENTEXT_BATCH_TIMEOUT_MS: milliseconds(15_000),
  OPENTEXT_CONCURRENCY: whole(1, 1024, 16),
  OPENTEXT_REQUESTS_PER_SECOND: z.coerce.number().positive().max(100_000).optional(),
  OPENTEXT_QUEUE_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  OPENTEXT_RECOVERY_MS: milliseconds(5000),
  OPENTEXT_VERSION_INTERVAL_MS: milliseconds(15_000),
  SPOTIFY_ADS_BASE_URL: url.default("https://api-partner.spotify.com/ads/v3"),
  SPOTIFY_ADS_ACCOUNT_ID: text,
  SPOTIFY_ADS_CLIENT_ID: text,
  SPOTIFY_ADS_CLIENT_SECRET: text,
  SPOTIFY_ADS_REFRESH_TOKEN: text,
  SPOTIFY_WEB_BASE_URL: url.default("https://api.spotify.com/v1"),
  SPOTIFY_WEB_CLIENT_ID: text,
  SPOTIFY_WEB_CLIENT_SECRET: text,
  SPOTIFY_WEB_REFRESH_TOKEN: text,
  SPOTIFY_WEB_MODE: z.enum(["extended", "development"]).default("extended"),
  SPOTIFY_WEB_MARKET: z
    .string()
    .regex(/^[A-Z]{2}$/, "expected an ISO 3166-1 alpha-2 code")
    .default("US"),
  SPOTIFY_TOKEN_URL: url.default("https://accounts.spotify.com/api/token"),
  MEGAPHONE_BASE_URL: url.default("https://cms.megaphone.fm/api"),
  MEGAPHONE_NETWORK_ID: text,
  MEGAPHONE_TOKEN: text,
  SOUNDTRACK_BASE_URL: url.default("https://api.soundtrackyourbrand.com/v2"),
  SOUNDTRACK_TOKEN: text,
  LEADS_WEBHOOK_URL: url.optional(),
  LEADS_WEBHOOK_SECRET: webhookSecret.optional(),
  SANDBOX_SCALE: whole(1, 1000, 1),
  SANDBOX_TABLES: text,
  OPENTEXT_SANDBOX_PORT: port(4100),
  SPOTIFY_ADS_SANDBOX_PORT: port(4101),
  SPOTIFY_WEB_SANDBOX_PORT: port(4102),
  MEGAPHONE_SANDBOX_PORT: port(4103),
  SOUNDTRACK_SANDBOX_PORT: port(4104),
  CRM_SANDBOX_PORT: port(4105),
});

/** What the process was started with. */
export const variables: Variables = process.env;

/** Throws an Error that names every variable that is wrong or missing. */
export function readEnvironment(variables: Variables, subgraphs: readonly string[]): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = Environment.safeParse(set);
  const ports = z.record(z.string(), port(0)).safeParse(pick(set, subgraphs.map(portVariable)));
  const problems = [parsed.error, ports.error].flatMap(problemsOf);

  const spotifyAds = account(set, problems, {
    accountId: "SPOTIFY_ADS_ACCOUNT_ID",
    clientId: "SPOTIFY_ADS_CLIENT_ID",
    clientSecret: "SPOTIFY_ADS_CLIENT_SECRET",
    refreshToken: "SPOTIFY_ADS_REFRESH_TOKEN",
  });
  const spotifyWeb = account(set, problems, {
    clientId: "SPOTIFY_WEB_CLIENT_ID",
    clientSecret: "SPOTIFY_WEB_CLIENT_SECRET",
    refreshToken: "SPOTIFY_WEB_REFRESH_TOKEN",
  });
  const megaphone = account(set, problems, { networkId: "MEGAPHONE_NETWORK_ID", token: "MEGAPHONE_TOKEN" });
  const soundtrack = account(set, problems, { token: "SOUNDTRACK_TOKEN" });
  const leads = account(set, problems, { url: "LEADS_WEBHOOK_URL", secret: "LEADS_WEBHOOK_SECRET" });
  const opentext = opentextAccount(set, problems);

  const production = set["NODE_ENV"] === "production";
  // Decided here, nothing needs OpenText; an address that is given is meant to be its own.
  const needsOpenText = set["DECISIONS"] !== "local" || set["OPENTEXT_BASE_URL"] !== undefined;
  if (production) {
    const sandboxed = Object.entries({
      ...(needsOpenText && { "OpenText (OPENTEXT_…)": opentext }),
      "Spotify Ads (SPOTIFY_ADS_…)": spotifyAds,
      "Spotify Web (SPOTIFY_WEB_…)": spotifyWeb,
      "Megaphone (MEGAPHONE_…)": megaphone,
      "Soundtrack (SOUNDTRACK_TOKEN)": soundtrack,
      "the leads webhook (LEADS_WEBHOOK_…)": leads,
    }).filter(([, real]) => real === undefined);
    problems.push(...sandboxed.map(([upstream]) => `  NODE_ENV=production needs the credentials of ${upstream}`));
    if (set["DATABASE_URL"] === undefined && set["DATA_DIR"] === "memory") {
      problems.push(
        "  NODE_ENV=production needs DATABASE_URL, or a folder as DATA_DIR: what is decided has to be kept",
      );
    }
  }
  if (!parsed.success || !ports.success || problems.length > 0) {
    throw new Error(`Cannot read the environment:\n${problems.join("\n")}`);
  }
  const values = parsed.data;

  return {
    production,
    host: values.HOST,
    logLevel: values.LOG_LEVEL,
    port: values.PORT,
    subgraphPorts: Object.fromEntries(
      subgraphs.flatMap((name) => {
        const own = ports.data[portVariable(name)];
        return own === undefined ? [] : [[name, own]];
      }),
    ),
    cacheUrl: values.CACHE_URL,
    records: {
      databaseUrl: values.DATABASE_URL,
      directory: values.DATA_DIR,
      retries: values.OUTBOX_RETRIES,
      retrySeconds: values.OUTBOX_RETRY_SECONDS,
    },
    decisions: values.DECISIONS,
    verifyShare: values.DECISIONS_VERIFY_SHARE,
    opentext: {
      baseUrl: values.OPENTEXT_BASE_URL,
      ...(opentext ?? { tenantId: SANDBOX, clientId: SANDBOX, clientSecret: SANDBOX }),
      batchPath: values.OPENTEXT_BATCH_PATH,
      timeoutMs: values.OPENTEXT_TIMEOUT_MS,
      batchTimeoutMs: values.OPENTEXT_BATCH_TIMEOUT_MS,
      concurrency: values.OPENTEXT_CONCURRENCY,
      requestsPerSecond: values.OPENTEXT_REQUESTS_PER_SECOND,
      queueLimit: values.OPENTEXT_QUEUE_LIMIT,
      recoveryMs: values.OPENTEXT_RECOVERY_MS,
      versionIntervalMs: values.OPENTEXT_VERSION_INTERVAL_MS,
    },
    spotifyAds: spotifyAds && {
      ...spotifyAds,
      baseUrl: values.SPOTIFY_ADS_BASE_URL,
      tokenUrl: values.SPOTIFY_TOKEN_URL,
    },
    spotifyWeb: spotifyWeb && {
      ...spotifyWeb,
      baseUrl: values.SPOTIFY_WEB_BASE_URL,
      tokenUrl: values.SPOTIFY_TOKEN_URL,
      mode: values.SPOTIFY_WEB_MODE,
      market: values.SPOTIFY_WEB_MARKET,
    },
    megaphone: megaphone && { ...megaphone, baseUrl: values.MEGAPHONE_BASE_URL },
    soundtrack: soundtrack && { ...soundtrack, baseUrl: values.SOUNDTRACK_BASE_URL },
    leads,
    sandbox: {
      scale: values.SANDBOX_SCALE,
      tables: values.SANDBOX_TABLES,
      ports: {
        opentext: values.OPENTEXT_SANDBOX_PORT,
        spotifyAds: values.SPOTIFY_ADS_SANDBOX_PORT,
        spotifyWeb: values.SPOTIFY_WEB_SANDBOX_PORT,
        megaphone: values.MEGAPHONE_SANDBOX_PORT,
        soundtrack: values.SOUNDTRACK_SANDBOX_PORT,
        crm: values.CRM_SANDBOX_PORT,
      },
    },
  };
}

/** For who looks after records alone: no upstream is needed for that. Throws an Error that names what is wrong. */
export function readRecordSettings({ DATABASE_URL, DATA_DIR }: Variables): RecordSettings {
  return readEnvironment({ DATABASE_URL, DATA_DIR }, []).records;
}

/** Every variable there is. */
export function variableNames(subgraphs: readonly string[]): readonly string[] {
  return [...Object.keys(Environment.shape), ...subgraphs.map(portVariable)];
}

/** `campaigns` → `CAMPAIGNS_PORT`. */
export function portVariable(subgraph: string): string {
  return `${subgraph.toUpperCase().replaceAll("-", "_")}_PORT`;
}

/** The folder that holds rover.yaml, wherever below it this file was built to. */
export function projectRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, "rover.yaml"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error("Cannot find rover.yaml in any folder above this file");
  return projectRoot(parent);
}

/** All of the variables, or none of them: half an account is a mistake, not a reason to use the sandbox. */
function account<Field extends string>(
  set: Variables,
  problems: string[],
  names: Readonly<Record<Field, string>>,
): Readonly<Record<Field, string>> | undefined {
  const fields = Object.entries<string>(names);
  const missing = fields.filter(([, name]) => set[name] === undefined);
  if (missing.length === fields.length) return undefined;
  problems.push(...missing.map(([, name]) => `  ${name} is missing, but others of the same upstream are set`));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets which keys it was given
  return Object.fromEntries(fields.map(([field, name]) => [field, set[name] ?? ""])) as Record<Field, string>;
}

/**
 * OpenText has no address of its own: without a base URL, credentials lead nowhere. A base URL without credentials is
 * that of a sandbox which runs elsewhere. What is said to be `sandbox` counts as not set.
 */
function opentextAccount(set: Variables, problems: string[]) {
  const names = {
    tenantId: "OPENTEXT_TENANT_ID",
    clientId: "OPENTEXT_CLIENT_ID",
    clientSecret: "OPENTEXT_CLIENT_SECRET",
  };
  const real = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== SANDBOX));
  if (set["OPENTEXT_BASE_URL"] !== undefined) return account(real, problems, names);
  const given = Object.values(names).find((name) => real[name] !== undefined);
  if (given) problems.push(`  ${given} is set, but OPENTEXT_BASE_URL is not`);
  return undefined;
}

function pick(set: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(names.flatMap((name) => (set[name] === undefined ? [] : [[name, set[name]]])));
}

function problemsOf(error: z.ZodError | undefined): string[] {
  return error?.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`) ?? [];
}
