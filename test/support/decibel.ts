/**
 * How does a test get a whole Decibel?
 *
 * It starts one: every part is real, on a port of its own, over sandboxes and a world that is the same in every run. The
 * clock stands still unless the test moves it, and so does Megaphone's minute: its sandbox answers 60 requests in all.
 */
import { pino } from "pino";
import { z } from "zod";
import { configurable } from "../../subgraphs/registry.ts";
import { portVariable, readEnvironment } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { startDecibel } from "../../subgraphs/decibel.ts";
import type { Decibel } from "../../subgraphs/decibel.ts";
import { createTestDatabase } from "./database.ts";
import { NOW } from "./now.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";

export interface TestDecibel {
  readonly decibel: Decibel;
  /** Asks the gateway. `Data` is what the test says of it; where it is not so, its assertions show it. */
  query<Data = unknown>(text: string, variables?: object): Promise<Answer<Data>>;
  /** `campaigns`, `episodes`, …: a subgraph, past the gateway. */
  part(name: string): Part;
  /** One of SANDBOXES. */
  sandbox(name: string): SandboxControl;
  /** What was logged so far, from level debug. */
  readonly logged: readonly LogLine[];
  stop(): Promise<void>;
}

export interface Part {
  /** Of its GraphQL endpoint. */
  readonly url: string;
  query<Data = unknown>(text: string, variables?: object): Promise<Answer<Data>>;
  /** What a gateway asks: `entities([{ __typename: "Show", id }], "... on Show { name }")`. */
  entities(representations: readonly unknown[], selection: string): Promise<Entities>;
}
export interface Entities {
  /** Aligned with the representations. */
  readonly entities: readonly unknown[];
  readonly errors: readonly GraphError[];
}

export interface Answer<Data> {
  readonly data: Data;
  /** None where there are none. */
  readonly errors: readonly GraphError[];
}
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface SandboxControl {
  readonly origin: string;
  /** What it was asked since `forget`. */
  calls(): Promise<Calls>;
  forget(): Promise<void>;
  /** From now on; takes the place of what was said before. */
  misbehave(faults: Faults): Promise<void>;
  behave(): Promise<void>;
}
/** `requests` counts for all sandboxes but OpenText's, which tells evaluations, tokens and lists of models apart. */
export type Calls = z.infer<typeof Calls>;

export interface LogLine {
  readonly level: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

export interface StartOptions {
  /** On top of a port 0 for everything, and of no answer asked again to compare. */
  readonly variables?: Variables;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export { NOW } from "./now.ts";

export const SUBGRAPHS: readonly string[] = configurable.subgraphs;
/** As their parts are called, save for " sandbox" behind it. */
export const SANDBOXES: readonly string[] = ["opentext", ...configurable.upstreams.map(({ name }) => name)];

/** Any free port for every part, and a database that nobody else has. */
export const ANY_PORTS: Variables = {
  DATA_DIR: "memory",
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
  // Left out where the query was never run.
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

export async function startTestDecibel({ variables, now = () => NOW }: StartOptions = {}): Promise<TestDecibel> {
  // Counted calls are those that somebody asked for.
  const database = await createTestDatabase();
  const given = { ...ANY_PORTS, ...database.variables, DECISIONS_VERIFY_SHARE: "0", ...variables };
  const environment = readEnvironment(given, configurable);
  const logged: LogLine[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const decibel = await startDecibel(environment, log, now);
  const urls = new Map(decibel.parts);
  const urlOf = (name: string): string => {
    const url = urls.get(name);
    if (url === undefined) throw new RangeError(`no part is called ${name}: there are ${[...urls.keys()].join(", ")}`);
    return url;
  };

  return {
    decibel,
    query: (text, given) => ask(decibel.url, text, given),
    part: (name) => partAt(urlOf(name)),
    sandbox: (name) => controlOf(urlOf(`${name} sandbox`)),
    logged,
    stop: async () => {
      await decibel.stop();
      await database.drop();
    },
  };
}

/** Asks any GraphQL endpoint. */
export async function ask<Data = unknown>(url: string, query: string, variables: object = {}): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return Reply.parse(await response.json()) as Answer<Data>;
}

function partAt(url: string): Part {
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

function controlOf(origin: string): SandboxControl {
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
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
