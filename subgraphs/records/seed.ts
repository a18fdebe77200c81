/**
 * Which records does an empty database start with?
 *
 * Those of the sandboxes' world, so that they match what the sandboxes answer. A table is filled only if it is empty, so
 * later records survive a restart. All tables are filled in one transaction, so a failure leaves none of them filled.
 */
import { getTableColumns, sql } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import type { PgTable } from "drizzle-orm/pg-core";
import type { CampaignProfile, CaseRecord, SponsorshipRecord } from "./campaigns/types.ts";
import type { EpisodeProfile } from "./episodes/types.ts";
import type { EngagementKind, ListenerRecord } from "./listeners/types.ts";
import type { LocationProfile, PlaylistRequestRecord } from "./locations/types.ts";
import type { Database, Tx } from "./database/database.ts";
import { dayOf } from "./listeners/engagement.ts";
import { campaignProfiles, cases, sponsorships } from "./campaigns/tables.ts";
import { episodeProfiles, submissions } from "./episodes/tables.ts";
import { consents, engagement, people } from "./listeners/tables.ts";
import { licences, locationProfiles, playlistRequests } from "./locations/tables.ts";

/** Data that no upstream has. */
export interface FirstParty {
  readonly campaigns: readonly CampaignProfile[];
  readonly cases: readonly CaseRecord[];
  readonly sponsorships: readonly SponsorshipRecord[];
  readonly episodes: readonly EpisodeProfile[];
  readonly locations: readonly LocationProfile[];
  readonly playlistRequests: readonly PlaylistRequestRecord[];
  readonly listeners: readonly ListenerRecord[];
}

/** They are one JSON parameter: a parameter for each value takes PostgreSQL ten times as long. */
const ROWS_PER_STATEMENT = 5000;
/** The recorder of the initial records. */
const SEED = "seed";
const LOCK = 7_255_102;

export function seed(database: Database, from: FirstParty): Promise<void> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    await fill(tx, campaignProfiles, from.campaigns);
    await fill(
      tx,
      cases,
      from.cases.map((each) => ({ ...each, openedBy: SEED })),
    );
    await fill(
      tx,
      sponsorships,
      from.sponsorships.map(({ episodeId, ...rest }) => ({ ...rest, ...episodeId })),
    );
    await fill(tx, episodeProfiles, from.episodes);
    await fill(
      tx,
      submissions,
      from.episodes.flatMap(({ episodeId, submission }) =>
        submission ? [{ ...submission, episodeId, submittedBy: SEED }] : [],
      ),
    );
    await fill(tx, locationProfiles, from.locations);
    await fill(
      tx,
      licences,
      from.locations.flatMap(({ locationId, licence }) =>
        licence ? [{ ...licence, locationId, recordedBy: SEED, recordedAt: new Date(0) }] : [],
      ),
    );
    await fill(tx, playlistRequests, from.playlistRequests);
    if (!(await fill(tx, people, from.listeners.map(personOf)))) return;
    await fill(tx, consents, from.listeners.flatMap(consentsOf));
    await fill(tx, engagement, from.listeners.flatMap(engagementOf));
  });
}

/** True if the table was empty. */
async function fill<Table extends PgTable>(
  tx: Tx,
  table: Table,
  rows: readonly Table["$inferInsert"][],
): Promise<boolean> {
  const [first] = rows;
  if (!first || (await tx.$count(table)) > 0) return false;
  const names = sql.join(
    Object.keys(getTableColumns<PgTable>(table))
      .filter((name) => rows.some((row) => name in row))
      .map((name) => sql.identifier(toSnakeCase(name))),
    sql`, `,
  );
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const chunk = JSON.stringify(rows.slice(start, start + ROWS_PER_STATEMENT).map(asRecord));
    await tx.execute(
      sql`insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, ${chunk}::json)`,
    );
  }
  return true;
}

/** With the names of the columns. */
function asRecord(row: object): object {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [toSnakeCase(name), value]));
}

function personOf({ consents: _consents, engagement: totals, ...person }: ListenerRecord): typeof people.$inferInsert {
  return { ...person, lastAt: totals.lastAt };
}

function consentsOf({ id, consents: given }: ListenerRecord): readonly (typeof consents.$inferInsert)[] {
  return given.map((consent) => ({ ...consent, listenerId: id, recordedBy: SEED }));
}

/** All on the day of the last one: the world has totals only. */
function engagementOf({ id, engagement: totals }: ListenerRecord): readonly (typeof engagement.$inferInsert)[] {
  const { listens, skips, follows, playlistAdds, ctaClicks, lastAt } = totals;
  if (lastAt === null) return [];
  const counts: readonly (readonly [EngagementKind, number])[] = [
    ["LISTEN", listens],
    ["SKIP", skips],
    ["FOLLOW", follows],
    ["PLAYLIST_ADD", playlistAdds],
    ["CTA_CLICK", ctaClicks],
  ];
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => ({ listenerId: id, day: dayOf(Number(lastAt)), kind, count }));
}
