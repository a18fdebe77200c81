/**
 * Which subgraphs and upstreams are there?
 *
 * The only list of them: a row each. Everything else loops over these rows: the environment's variables, sandboxes,
 * composition, the outbox's queues, the programs. rover.yaml says where each subgraph listens.
 */
import {
  campaignCommands,
  campaignDecisions,
  campaignPopulations,
  campaignServices,
  campaigns,
  createCampaignRegister,
  createCaseWorklist,
  placementsOf,
} from "./campaigns/index.ts";
import { decisionServices, decisions } from "./decisions/index.ts";
import {
  episodeCommands,
  episodeDecisions,
  episodePopulations,
  episodeServices,
  episodes,
  episodesOf,
} from "./episodes/index.ts";
import {
  listenerCommands,
  listenerDecisions,
  listenerPopulations,
  listenerServices,
  listeners,
  listenersOf,
} from "./listeners/index.ts";
import {
  createLocationWorklist,
  keepAndTell,
  locationCommands,
  locationDecisions,
  locationPopulations,
  locationServices,
  locations,
} from "./locations/index.ts";
import type { LocationWorklist } from "./locations/index.ts";
import type { Logger } from "pino";
import type { Activity } from "./pipeline/activity/activity.ts";
import type { Decision } from "./pipeline/decision.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { Recall } from "./pipeline/recall.ts";
import type { AccountsOf } from "./platform/accounts.ts";
import type { Configurable } from "./platform/environment.ts";
import type { Limits } from "./platform/budget/limits.ts";
import type { Health } from "./platform/health/health.ts";
import type { Facts, UpstreamFacts } from "./platform/facts/facts.ts";
import type { Component } from "./platform/lifecycle.ts";
import type { UpstreamSettings } from "./platform/upstream-settings.ts";
import type { ReceiptKeys } from "./platform/signing/receipt-keys.ts";
import { campaignAccountRecords } from "./records/campaigns/accounts.ts";
import { campaignRecords, caseRecords, sponsorshipRecords } from "./records/campaigns/store.ts";
import { caseWorklistRecords } from "./records/campaigns/worklist.ts";
import type { Database } from "./records/database/database.ts";
import { evaluationRecords } from "./records/decisions/ledger.ts";
import { candidateRecords } from "./records/decisions/candidates.ts";
import { tableVersions } from "./records/decisions/model-versions.ts";
import type { ReviewHandler } from "./records/decisions/reviews.ts";
import { reviewRecords } from "./records/decisions/reviews.ts";
import { episodeRecords } from "./records/episodes/store.ts";
import { leadRecords } from "./records/listeners/leads.ts";
import { listenerRecords } from "./records/listeners/store.ts";
import { locationRecords, playlistRequestRecords } from "./records/locations/store.ts";
import { locationWorklistRecords } from "./records/locations/worklist.ts";
import { effectRecords } from "./records/outbox/effect-records.ts";
import { sweepRecords } from "./records/worklists/sweeps.ts";
import type { KeptWorklist } from "./records/worklists/worklist.ts";
import { sandboxedCrm } from "./sandbox/crm/sandboxed.ts";
import { sandboxedMegaphone } from "./sandbox/megaphone/sandboxed.ts";
import type { Replaceable } from "./sandboxes.ts";
import { sandboxedSoundtrack } from "./sandbox/soundtrack/sandboxed.ts";
import { sandboxedSpotifyAds } from "./sandbox/spotify-ads/sandboxed.ts";
import { sandboxedSpotifyWeb } from "./sandbox/spotify-web/sandboxed.ts";
import type { SandboxWorld, SandboxedUpstream } from "./sandbox/sandboxed-upstream.ts";
import { NO_COMMANDS } from "./server/commands.ts";
import type { CommandTools, SubgraphCommands } from "./server/commands.ts";
import type { Eligibility } from "./server/eligibility.ts";
import { neighbour } from "./server/neighbours.ts";
import type { MadeNeighbours } from "./server/neighbours.ts";
import type { Population } from "./server/populations.ts";
import type { Register } from "./server/register.ts";
import { createSubgraph, printSubgraph } from "./server/subgraph.ts";
import type { Subgraph, SubgraphDefinition, SubgraphOptions } from "./server/subgraph.ts";
import { createCrm } from "./sources/crm/client.ts";
import { crmSettings } from "./sources/crm/settings.ts";
import { createMegaphone } from "./sources/megaphone/client.ts";
import { createMegaphoneFacts } from "./sources/megaphone/facts.ts";
import { megaphoneSettings } from "./sources/megaphone/settings.ts";
import { createSoundtrack } from "./sources/soundtrack/client.ts";
import { connectSoundtrack } from "./sources/soundtrack/connection.ts";
import { soundtrackSettings } from "./sources/soundtrack/settings.ts";
import { createSpotifyAds } from "./sources/spotify-ads/client.ts";
import { createAdsFacts } from "./sources/spotify-ads/facts.ts";
import { spotifyAdsSettings } from "./sources/spotify-ads/settings.ts";
import { createSpotifyWeb } from "./sources/spotify-web/client.ts";
import { createWebFacts } from "./sources/spotify-web/facts.ts";
import { spotifyWebSettings } from "./sources/spotify-web/settings.ts";

/** By the name its client has in `Parts.clients`. */
export const upstreams = {
  ads: upstream({
    settings: spotifyAdsSettings,
    create: createSpotifyAds,
    facts: createAdsFacts,
    sandbox: sandboxedSpotifyAds,
  }),
  web: upstream({
    settings: spotifyWebSettings,
    create: createSpotifyWeb,
    facts: createWebFacts,
    sandbox: sandboxedSpotifyWeb,
  }),
  megaphone: upstream({
    settings: megaphoneSettings,
    create: createMegaphone,
    facts: createMegaphoneFacts,
    sandbox: sandboxedMegaphone,
  }),
  soundtrack: upstream({
    settings: soundtrackSettings,
    create: connectSoundtrack,
    facts: createSoundtrack,
    sandbox: sandboxedSoundtrack,
  }),
  crm: upstream({ settings: crmSettings, create: createCrm, facts: nothingKept, sandbox: sandboxedCrm }),
};

/** In the order they are made: the last one gets the reviews of all others. */
export const subgraphs: readonly SubgraphRow[] = [
  subgraph({
    definition: campaigns,
    decisions: campaignDecisions,
    services(parts: Parts) {
      const { clients, database, decide, recall, now } = parts;
      const { ads } = clients;
      const { db } = database;
      const [records, cases, sponsorships] = [campaignRecords(db), caseRecords(db), sponsorshipRecords(db)];
      const register = createCampaignRegister({
        ...sweepOptions(parts, "campaign-accounts"),
        records: campaignAccountRecords(db),
        ads,
      });
      const eligibility = eligibilityOf(parts);
      const sources = { ads, register, records, cases, sponsorships, decide, recall, eligibility, now };
      const services = campaignServices(sources);
      const worklist = createCaseWorklist(services, {
        ...worklistOptions(parts, "cases", "case_routing"),
        records: caseWorklistRecords(db),
      });
      return { ...services, worklist };
    },
    worklists: ({ worklist, register }) => [worklist, register],
    registers: ({ register }) => [register],
    neighbours: (services) => ({ placements: placementsOf(services) }),
    populations: (services, { database: { db }, neighbours }) =>
      campaignPopulations({
        ...services,
        unresolved: (...asked) => caseWorklistRecords(db).unresolved(...asked),
        neighbours: {
          episodes: (context) => neighbour(neighbours, "episodes")(context),
          listeners: (context) => neighbour(neighbours, "listeners")(context),
        },
      }),
    commands: campaignCommands,
  }),
  subgraph({
    definition: episodes,
    decisions: episodeDecisions,
    services(parts: Parts) {
      const { clients, database, neighbours, decide, now } = parts;
      const { megaphone, web } = clients;
      return episodeServices({
        megaphone,
        web,
        records: episodeRecords(database.db),
        decide,
        placements: (...asked) => neighbour(neighbours, "placements")(...asked),
        eligibility: eligibilityOf(parts),
        now,
      });
    },
    neighbours: (services) => ({ episodes: episodesOf(services) }),
    populations: episodePopulations,
    commands: episodeCommands,
  }),
  subgraph({
    definition: locations,
    decisions: locationDecisions,
    services(parts: Parts) {
      const { clients, database, decide, recall, now } = parts;
      const { soundtrack, web } = clients;
      const { db } = database;
      const records = locationRecords(db);
      const playlistRequests = playlistRequestRecords(db);
      const accountsOf: AccountsOf = (ids) => worklist.accountsOf(ids);
      const eligibility = eligibilityOf(parts);
      const sources = { soundtrack, accountsOf, web, records, playlistRequests, decide, recall, eligibility, now };
      const services = locationServices(sources);
      const worklist: LocationWorklist = createLocationWorklist(services, {
        ...worklistOptions(parts, "locations", "location_playback"),
        records: locationWorklistRecords(db),
        keep: keepAndTell(parts.tools, now),
      });
      return { ...services, worklist };
    },
    worklists: ({ worklist }) => [worklist],
    registers: ({ worklist }) => [worklist],
    populations: locationPopulations,
    commands: locationCommands,
  }),
  subgraph({
    definition: listeners,
    decisions: listenerDecisions,
    services: ({ clients: { crm }, database: { db }, decide, recall, now }) =>
      listenerServices({ records: listenerRecords(db, now), leads: leadRecords(db), crm, decide, recall, now }),
    neighbours: (services) => ({ listeners: listenersOf(services) }),
    populations: listenerPopulations,
    commands: listenerCommands,
  }),
  subgraph({
    definition: decisions,
    decisions: [],
    services: ({
      database,
      pipeline,
      activity,
      written,
      registers,
      populations,
      reviewHandlers,
      ledgerKeys,
      tools: { mutate, outbox },
      now,
    }) =>
      decisionServices({
        tables: tableVersions(database),
        ledgerKeys,
        models: pipeline.models,
        versions: pipeline.versions,
        trust: pipeline.trust,
        activity,
        evaluations: evaluationRecords(database),
        reviews: reviewRecords(database),
        candidates: candidateRecords(database),
        effects: effectRecords(database),
        outbox,
        written,
        registers,
        populations,
        mutate,
        reviewHandlers,
        now,
      }),
    commands: () => NO_COMMANDS,
  }),
];

/** Who has environment variables of their own. */
export const configurable: Configurable = {
  subgraphs: subgraphs.map(({ name }) => name),
  upstreams: Object.values(upstreams).map(({ settings }) => settings),
};

/** What subgraphs are made from. */
export interface Parts {
  readonly clients: Clients;
  readonly database: Database;
  readonly pipeline: Pipeline;
  readonly decide: Pipeline["decide"];
  readonly recall: Recall;
  /** What is decided lately, and how the upstreams stand, in all processes. */
  readonly activity: () => Promise<Activity>;
  /** Resolves once what was evaluated in this process is in the ledger. */
  readonly written: () => Promise<void>;
  /** Of all subgraphs: filled as they are made. */
  readonly registers: readonly Register[];
  readonly neighbours: MadeNeighbours;
  /** Of all subgraphs: filled as they are made. */
  readonly populations: readonly Population[];
  /** How many entities a list may have that is filtered by what would be decided of each. */
  readonly eligibilityMax: number;
  readonly reviewHandlers: readonly ReviewHandler[];
  readonly tools: CommandTools;
  readonly log: Logger;
  /** By which receipts are signed; undefined: there are none. */
  readonly ledgerKeys: ReceiptKeys | undefined;
  /** Between two sweeps of a worklist. */
  readonly sweepIntervalMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type Clients = { readonly [Name in keyof typeof upstreams]: ReturnType<(typeof upstreams)[Name]["connect"]> };

export interface UpstreamRow<Known, Client = unknown> extends Replaceable {
  readonly settings: UpstreamSettings;
  /** By an account of its own settings, or by that of its own sandbox. Nothing that it reads is kept. */
  readonly create: (account: object) => Client;
  /** As `create`, with its facts, and within its limits. */
  readonly connect: (account: object, tools: UpstreamTools) => Known;
}

/** What upstreams share. */
export interface UpstreamTools {
  readonly facts: Facts;
  /** Default: their own limits alone. */
  readonly limits?: Limits | undefined;
  /** Told of all calls. Default: nobody is. */
  readonly health?: Health | undefined;
}

export interface SubgraphRow {
  /** As in rover.yaml; also the name of its folder. */
  readonly name: string;
  /** The types of its entities: those that other subgraphs may refer to. */
  readonly entities: readonly string[];
  readonly decisions: readonly Decision[];
  /** Its schema, as reviewers and composers read it. */
  readonly print: () => Promise<string>;
  readonly make: (parts: Parts) => {
    readonly commands: SubgraphCommands;
    readonly registers: readonly Register[];
    readonly neighbours: MadeNeighbours;
    readonly populations: readonly Population[];
    readonly worklists: readonly KeptWorklist[];
    readonly serve: (options: SubgraphOptions) => Promise<Subgraph>;
  };
}

/** `facts` says what is kept of what the client reads. */
function upstream<Account extends object, Options extends object, Client, Known extends Component>(row: {
  readonly settings: UpstreamSettings<Account>;
  readonly create: (options: Options & Account) => Client;
  readonly facts: (client: Client, facts: UpstreamFacts) => Known;
  readonly sandbox: (world: SandboxWorld) => SandboxedUpstream<Options>;
}): UpstreamRow<Known, Client> {
  const { settings, facts, sandbox } = row;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- accounts come from these settings or this sandbox
  const create = (account: object): Client => row.create(account as Options & Account);
  return {
    settings,
    sandbox,
    create,
    connect: (account, tools) =>
      facts(
        create({
          ...account,
          budget: tools.limits?.of(settings.name, account),
          health: tools.health?.of(settings.name),
        }),
        tools.facts.of(settings.name, account),
      ),
  };
}

/** Of an upstream that nothing is read from. */
function nothingKept<Client>(client: Client): Client {
  return client;
}

function subgraph<Services extends object, Commands extends SubgraphCommands>(row: {
  readonly definition: SubgraphDefinition<Services & { readonly commands: Commands }>;
  readonly decisions: readonly Decision[];
  readonly services: (parts: Parts) => Services;
  /** Default: none. */
  readonly worklists?: (services: Services) => readonly KeptWorklist[];
  /** Of what it keeps of the accounts of its entities. Default: they belong to none. */
  readonly registers?: (services: Services) => readonly Register[];
  /** What other subgraphs may ask it in the same process. Default: nothing. */
  readonly neighbours?: (services: Services) => MadeNeighbours;
  /** Whom its decisions decide about. Default: nobody. */
  readonly populations?: (services: Services, parts: Parts) => readonly Population[];
  readonly commands: (services: Services, tools: CommandTools) => Commands;
}): SubgraphRow {
  const { definition } = row;
  return {
    name: definition.name,
    entities: Object.keys(definition.references),
    decisions: row.decisions,
    print: () => printSubgraph(definition),
    make: (parts) => {
      const services = row.services(parts);
      const commands = row.commands(services, parts.tools);
      const worklists = row.worklists?.(services) ?? [];
      return {
        commands,
        registers: row.registers?.(services) ?? [],
        neighbours: row.neighbours?.(services) ?? {},
        populations: row.populations?.(services, parts) ?? [],
        worklists,
        serve: (options) => createSubgraph(definition, { ...services, commands }, options),
      };
    },
  };
}

/** Of a worklist that is ranked by a decision. */
function worklistOptions(parts: Parts, name: string, model: string) {
  const { versions, questions } = parts.pipeline;
  return { ...sweepOptions(parts, name), changedAt: () => versions.since(model), questions };
}

function eligibilityOf({ pipeline, eligibilityMax: atMost }: Parts): Eligibility {
  return { among: pipeline.eligibleAmong, atMost };
}

function sweepOptions({ database, log, sweepIntervalMs, now }: Parts, name: string) {
  return { sweeps: sweepRecords(database.db, name), intervalMs: sweepIntervalMs, log, now };
}

/** One client for each upstream; `connected` is given each as soon as it is made. */
export function connectUpstreams(
  accounts: Readonly<Record<string, object>>,
  tools: UpstreamTools,
  connected: <C extends Component>(client: C) => C,
): Clients {
  const rows = Object.entries<UpstreamRow<Component>>(upstreams);
  const clients = rows.map(([name, { settings, connect }]) => [
    name,
    connected(connect(accounts[settings.name] ?? {}, tools)),
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets which client is whose
  return Object.fromEntries(clients) as Clients;
}
