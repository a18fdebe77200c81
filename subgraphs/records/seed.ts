/**
 * Where do records come from on a machine where nobody has recorded anything?
 *
 * From the sandboxes' world, which is what upstreams speak of there. Each kind is written only where there is nothing of
 * it yet, so what was recorded meanwhile outlives a restart; and all of it or nothing, so that half a world never stays.
 */
import { getTableColumns, sql } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import type { PgTable } from "drizzle-orm/pg-core";
import type { CampaignProfile, CaseRecord, SponsorshipRecord } from "./campaigns/types.ts";
import type { EpisodeProfile } from "./episodes/types.ts";
import type { EngagementKind, ListenerRecord } from "./listeners/types.ts";
import type { LocationProfile, PlaylistRequestRecord } from "./locations/types.ts";
import type { Database, Tx } from "./database/database.ts";
import { dayOf } from "./listeners/store.ts";
import { campaignProfiles, cases, sponsorships } from "./campaigns/tables.ts";
import { episodeProfiles, submissions } from "./episodes/tables.ts";
import { consents, engagement, people } from "./listeners/tables.ts";
import { licences, locationProfiles, playlistRequests } from "./locations/tables.ts";

/** What no upstream knows. */
export interface FirstParty {
  readonly campaigns: readonly CampaignProfile[];
  readonly cases: readonly CaseRecord[];
  readonly sponsorships: readonly SponsorshipRecord[];
  readonly episodes: readonly EpisodeProfile[];
  readonly locations: readonly LocationProfile[];
  readonly playlistRequests: readonly PlaylistRequestRecord[];
  readonly listeners: readonly ListenerRecord[];
}

/** Rows a statement, as one text in JSON: a parameter for each value takes PostgreSQL ten times as long. */
const AT_ONCE = 5000;
/** Who recorded what was there from the start. */
const SEED = "seed";
const LOCK = 7_255_102;

export function seed(database: Database, from: FirstParty): Promise<void> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    await fill(tx, campaignProfiles, from.campaigns);
    await fill(
      tx,
      cases,
      from.cases.map((known) => ({ ...known, openedBy: SEED })),
    );
    await fill(
      tx,
      sponsorships,
      from.sponsorships.map(({ episodeId, ...known }) => ({ ...known, ...episodeId })),
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

/** True where there was nothing before. */
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
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const part = JSON.stringify(rows.slice(start, start + AT_ONCE).map(asRecord));
    await tx.execute(
      sql`insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, ${part}::json)`,
    );
  }
  return true;
}

/** As the columns are called. */
function asRecord(row: object): object {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [toSnakeCase(name), value]));
}

function personOf({ consents: _said, engagement: done, ...person }: ListenerRecord): typeof people.$inferInsert {
  return { ...person, lastAt: done.lastAt };
}

function consentsOf({ id, consents: said }: ListenerRecord): readonly (typeof consents.$inferInsert)[] {
  return said.map((consent) => ({ ...consent, listenerId: id, recordedBy: SEED }));
}

/** All on the last day: when exactly, nobody knows. */
function engagementOf({ id, engagement: done }: ListenerRecord): readonly (typeof engagement.$inferInsert)[] {
  const { listens, skips, follows, playlistAdds, ctaClicks, lastAt } = done;
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
