/**
 * How does a test start Decibel?
 *
 * With all its components, each on its own port, over sandboxes with the same world in every run. The clock stands still
 * unless the test moves it. So does Megaphone's rate limit: its sandbox answers 60 requests until the clock moves.
 */
import { pino } from "pino";
import { z } from "zod";
import { configurable } from "../../subgraphs/registry.ts";
import { portVariable, readEnvironment } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { startDecibel } from "../../subgraphs/decibel.ts";
import type { Decibel } from "../../subgraphs/decibel.ts";
import { createTestDatabase } from "./database.ts";
import { NOW, clockOf } from "./now.ts";
import { wakeOutbox } from "./outbox-clock.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";

export interface TestDecibel {
  readonly decibel: Decibel;
  /** Queries the gateway. `Data` is not validated: the test's assertions do that. */
  query<Data = unknown>(text: string, variables?: object): Promise<Answer<Data>>;
  /** A subgraph by its name, without the gateway. */
  part(name: string): Part;
  /** A sandbox by its name in SANDBOXES. */
  sandbox(name: string): SandboxControl;
  /** The log so far, from level debug. */
  readonly logged: readonly LogLine[];
  /** Of the processes that it is. */
  readonly pids: readonly number[];
  /** For what is not asked by the functions here: the clock is everywhere that of the test. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface Part {
  /** The URL of its GraphQL endpoint. */
  readonly url: string;
  query<Data = unknown>(text: string, variables?: object): Promise<Answer<Data>>;
  /** Queries `_entities` as a gateway does: `entities([{ __typename: "Show", id }], "... on Show { name }")`. */
  entities(representations: readonly unknown[], selection: string): Promise<Entities>;
}
export interface Entities {
  /** Aligned with the representations. */
  readonly entities: readonly unknown[];
  readonly errors: readonly GraphError[];
}

export interface Answer<Data> {
  readonly data: Data;
  /** Empty if the response has none. */
  readonly errors: readonly GraphError[];
}
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface SandboxControl {
  readonly origin: string;
  /** Its calls since `forget`. */
  calls(): Promise<Calls>;
  forget(): Promise<void>;
  /** Replaces the faults of earlier calls. */
  misbehave(faults: Faults): Promise<void>;
  behave(): Promise<void>;
}
/** `requests` is for all sandboxes except OpenText's, which counts evaluations, tokens and lists of models. */
export type Calls = z.infer<typeof Calls>;

export interface LogLine {
  readonly level: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

export interface StartOptions {
  /** Added to the defaults of tests: port 0 for everything, and no verification of decisions. */
  readonly variables?: Variables;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export { NOW } from "./now.ts";

export const SUBGRAPHS: readonly string[] = configurable.subgraphs;
/** The names of their parts without " sandbox". */
export const SANDBOXES: readonly string[] = ["opentext", ...configurable.upstreams.map(({ name }) => name)];

/** A test sees what an upstream says now, where the upstream's limits allow that. */
const NOTHING_KEPT: Variables = { SPOTIFY_ADS_FRESH_SECONDS: "0", SPOTIFY_WEB_FRESH_SECONDS: "0" };

/** Facts are kept as their sources declare. */
export const FACTS_KEPT: Variables = { SPOTIFY_ADS_FRESH_SECONDS: "", SPOTIFY_WEB_FRESH_SECONDS: "" };

/** A free port for every component, an embedded database in memory, and no sweep that a test does not ask for. */
export const ANY_PORTS: Variables = {
  DATA_DIR: "memory",
  WORKLIST_SWEEP_SECONDS: "0",
  ...Object.fromEntries(
    ["PORT", ...[...SUBGRAPHS, ...SANDBOXES.map((name) => `${name}-sandbox`)].map(portVariable)].map((name) => [
      name,
      "0",
    ]),
  ),
};

const Calls = z.object({
  requests: z.int().default(0),
  executes: z.int().default(0),
  tokens: z.int().default(0),
  lists: z.int().default(0),
  byKey: z.record(z.string(), z.int()).default({}),
  recent: z.array(z.record(z.string(), z.unknown())),
});
const Reply = z.object({
  // Absent if the query was not executed.
  data: z.unknown().default(null),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default([]),
});

/** Without verification, and with nothing asked ahead, all counted calls are for queries. */
export const FIXED: Variables = { DECISIONS_VERIFY_SHARE: "0", DECISIONS_WARM_CALLS: "0", ...NOTHING_KEPT };

export async function startTestDecibel({ variables, now = () => NOW }: StartOptions = {}): Promise<TestDecibel> {
  const database = await createTestDatabase();
  const given = { ...ANY_PORTS, ...database.variables, ...FIXED, ...variables };
  const environment = readEnvironment(given, configurable);
  const logged: LogLine[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const decibel = await startDecibel(environment, log, clockOf(now));
  const leaveOutbox = wakeOutbox(decibel.database);
  const urls = new Map(decibel.parts);
  const urlOf = (name: string): string => {
    const url = urls.get(name);
    if (url === undefined) throw new RangeError(`there is no component ${name}, only ${[...urls.keys()].join(", ")}`);
    return url;
  };

  return {
    decibel,
    query: (text, given) => ask(decibel.url, text, given),
    part: (name) => partAt(urlOf(name)),
    sandbox: (name) => controlOf(urlOf(`${name} sandbox`)),
    logged,
    pids: [process.pid],
    settle: async () => {},
    stop: async () => {
      await leaveOutbox();
      await decibel.stop();
      await database.drop();
    },
  };
}

/** Queries any GraphQL endpoint. */
export async function ask<Data = unknown>(
  url: string,
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return Reply.parse(await response.json()) as Answer<Data>;
}

export function partAt(url: string): Part {
  return {
    url,
    query: (text, variables) => ask(url, text, variables),
    async entities(representations, selection) {
      const query = `query ($representations: [_Any!]!) {
        entities: _entities(representations: $representations) { __typename ${selection} }
      }`;
      const { data, errors } = await ask<Pick<Entities, "entities"> | null>(url, query, { representations });
      return { entities: data?.entities ?? [], errors };
    },
  };
}

/** `before` each request to it. */
export function controlOf(origin: string, before: () => Promise<void> = async () => {}): SandboxControl {
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    await before();
    const response = await fetch(`${origin}/sandbox/${path}`, {
      method,
      ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The sandbox answered ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    origin,
    calls: async () => Calls.parse(await control("GET", "calls")),
    forget: async () => void (await control("DELETE", "calls")),
    misbehave: async (faults) => void (await control("PUT", "faults", faults)),
    behave: async () => void (await control("DELETE", "faults")),
  };
}
