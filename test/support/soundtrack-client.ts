/** How does a test connect the client of Soundtrack to a sandbox, or to chosen replies? Both are closed after the test. */
import { pino } from "pino";
import { afterEach } from "vitest";
import { createContext } from "../../subgraphs/platform/context.ts";
import type { UpstreamFacts } from "../../subgraphs/platform/facts/facts.ts";
import type { Results } from "../../subgraphs/platform/results.ts";
import { keptFacts } from "./facts.ts";
import { createSandbox } from "../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createSoundtrackSandbox } from "../../subgraphs/sandbox/soundtrack/server.ts";
import type { SoundtrackSandboxOptions } from "../../subgraphs/sandbox/soundtrack/server.ts";
import { createLocations } from "../../subgraphs/sandbox/world/locations.ts";
import type { LocationWorld, WorldLocation } from "../../subgraphs/sandbox/world/locations.ts";
import { createSoundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import type { DatedLocations, LocationRange, Soundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import { connectSoundtrack } from "../../subgraphs/sources/soundtrack/connection.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "../../subgraphs/sources/soundtrack/replies.ts";
import type { LocationList } from "../../subgraphs/sources/soundtrack/walk.ts";
import type { SoundtrackOptions } from "../../subgraphs/sources/soundtrack/connection.ts";
import { whole } from "./whole.ts";
import type { Whole } from "./whole.ts";

const today = Date.parse("2026-03-10T12:00:00Z");
export const world = whole(createLocations({ scale: 1, now: new Date(today) }));
const open: { close(): Promise<void> }[] = [];
/** The clock of client and sandbox; `start` resets it. */
export const time = { now: today };

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

export async function start(
  limits: Partial<SoundtrackSandboxOptions> = {},
  options: Partial<SoundtrackOptions> = {},
  facts?: UpstreamFacts,
): Promise<{ readonly sandbox: Sandbox; readonly soundtrack: ReadSoundtrack }> {
  time.now = today;
  const sandbox = createSoundtrackSandbox({ world, now: () => time.now, errors: "codes", ...limits });
  open.push(sandbox);
  return { sandbox, soundtrack: connect(await sandbox.listen(), options, facts) };
}

/** Its facts by id, and all of them for one client. */
export interface ReadSoundtrack extends Pick<Soundtrack, "nowPlaying" | "assignSource" | "close"> {
  accounts(): Promise<Results<SoundtrackAccount>>;
  locations(range: LocationRange): Promise<DatedLocations>;
  everyLocation(): Promise<DatedLocations>;
  locationsById(ids: readonly string[]): Promise<Results<SoundtrackLocation | null>>;
}

export function connect(
  origin: string,
  options: Partial<SoundtrackOptions> = {},
  facts: UpstreamFacts = keptFacts("soundtrack", () => time.now),
): ReadSoundtrack {
  const own = { baseUrl: `${origin}/v2`, token: "sandbox", now: () => time.now, ...options };
  const soundtrack = createSoundtrack(connectSoundtrack(own), facts);
  open.push(soundtrack);
  const context = createContext(pino({ enabled: false }), { requestId: "test", operationName: undefined });
  return {
    accounts: () => soundtrack.accounts(context),
    locations: (range) => soundtrack.locations(context, range),
    everyLocation: () => soundtrack.everyLocation(context),
    locationsById: async (ids) =>
      (await soundtrack.location.get(ids)).map((fact) => (fact instanceof Error ? fact : fact.value)),
    nowPlaying: (ids) => soundtrack.nowPlaying(ids),
    assignSource: (...assignment) => soundtrack.assignSource(...assignment),
    close: () => soundtrack.close(),
  };
}

/** A Soundtrack with the answers of a function from the variables of a query to the body. */
export async function answering(
  answer: (variables: Readonly<Record<string, unknown>>) => unknown,
  headersOf: (variables: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>> = () => ({}),
): Promise<{ readonly sandbox: Sandbox; readonly soundtrack: ReadSoundtrack }> {
  time.now = today;
  const sandbox = createSandbox({
    name: "soundtrack",
    problem: () => ({}),
    routes: (app) =>
      void app.post<{ Body: { variables?: Record<string, unknown> } }>("/v2", ({ body: { variables = {} } }, reply) =>
        reply.headers(headersOf(variables)).send(answer(variables)),
      ),
  });
  open.push(sandbox);
  return { sandbox, soundtrack: connect(await sandbox.listen()) };
}

interface Sent {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}
/** The bodies that were sent since the last call of this. */
export async function sent({ app }: Sandbox): Promise<readonly Sent[]> {
  const { recent } = (await app.inject("/sandbox/calls")).json<{ recent: { body: Sent }[] }>();
  await app.inject({ method: "DELETE", url: "/sandbox/calls" });
  return recent.map(({ body }) => body);
}
export async function raw({ app }: Sandbox, query: string, variables: object = {}) {
  const reply = await app.inject({
    method: "POST",
    url: "/v2",
    headers: { authorization: "Basic sandbox" },
    payload: { query, variables },
  });
  const { data, errors } = reply.json<{
    data: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  }>();
  return {
    status: reply.statusCode,
    data,
    codes: errors?.map(({ extensions }) => extensions.code) ?? [],
    cost: Number(reply.headers["x-ratelimiting-cost"]),
    available: Number(reply.headers["x-ratelimiting-tokens-available"]),
  };
}

const collator = new Intl.Collator("en");
/** The world's locations in the order of Soundtrack's list. */
function inOrder({ accounts, locations }: Whole<LocationWorld>): readonly WorldLocation[] {
  return accounts
    .toSorted((left, right) => collator.compare(left.businessName, right.businessName))
    .flatMap(({ id }) =>
      locations
        .filter(({ accountId }) => accountId === id)
        .toSorted((left, right) => collator.compare(left.name, right.name)),
    );
}
export const idsOf = ({ found }: LocationList): string[] => found.map(({ location }) => location.id);
export const ordered = inOrder(world);
export const orderedIds = ordered.map(({ id }) => id);
export const [first, second, third] = orderedIds as [string, string, string];
