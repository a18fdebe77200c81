/** How does a test get worklists without a database? In memory, behind the same interfaces; the stores are tested in test/records. */
import { accountId } from "../../schema/id.ts";
import type { Place, Placed, Ranking } from "../../schema/worklist.ts";
import type { CaseRecord, CaseWorklistRecords, UnresolvedCase } from "../../subgraphs/records/campaigns/types.ts";
import type { LocationWorklistRecords, WorklistLocation } from "../../subgraphs/records/locations/types.ts";
import type { Sweep, SweepRecords } from "../../subgraphs/records/worklists/sweeps.ts";

export type Items<Node> = Pick<Ranking<Node>, "items" | "hasUpTo" | "count">;

/** What the list holds at the moment of each call. */
export function ranked<Node>(list: () => readonly Placed<Node>[]): Items<Node> {
  return {
    items: async (limit, after) =>
      list()
        .filter(({ position }) => after === undefined || compare(position, after) > 0)
        .toSorted((left, right) => compare(left.position, right.position))
        .slice(0, limit),
    hasUpTo: async (place) => list().some(({ position }) => compare(position, place) <= 0),
    count: async () => list().length,
  };
}

/** Negative if the left one comes first. */
function compare(left: Place, right: Place): number {
  const difference = left.priority - right.priority || left.time - right.time;
  return difference || (left.id === right.id ? 0 : left.id < right.id ? -1 : 1);
}

/** Of one process. */
export function memorySweeps(): SweepRecords {
  let last: Sweep = { asOf: null, startedAt: null, finishedAt: null };
  return {
    last: async () => last,
    take: async () => true,
    release: async () => {},
    finished: async (sweep) => void (last = { ...last, ...sweep }),
  };
}

export function memoryLocationWorklist(): LocationWorklistRecords {
  const kept = new Map<string, WorklistLocation>();
  const all = (): readonly WorklistLocation[] => [...kept.values()];
  const keep = (isKept: (one: WorklistLocation) => boolean): void => {
    for (const one of all()) if (!isKept(one)) kept.delete(one.locationId);
  };
  const listed = (accountIds?: readonly string[]): Items<WorklistLocation> =>
    ranked(() =>
      all()
        .filter(({ isListed, accountId: id }) => isListed && (accountIds?.includes(id) ?? true))
        .map((node) => ({
          position: { priority: node.priority, time: node.endsAt, id: node.locationId },
          node,
        })),
    );
  return {
    items: (limit, after, accountIds) => listed(accountIds).items(limit, after),
    hasUpTo: (place, accountIds) => listed(accountIds).hasUpTo(place),
    count: (accountIds) => listed(accountIds).count(),
    accountsOf: async (ids) =>
      ids.map((id) => {
        const own = kept.get(id)?.accountId;
        return own === undefined ? undefined : accountId.encode(own);
      }),
    ofAccounts: async (ids) => all().filter(({ accountId }) => ids.includes(accountId)),
    byIds: async (ids) => all().filter(({ locationId }) => ids.includes(locationId)),
    due: async (at, limit) =>
      all()
        .filter(({ dueAt }) => dueAt !== null && dueAt <= at)
        .slice(0, limit),
    put: async (locations) => {
      for (const one of locations) kept.set(one.locationId, one);
      return new Set(locations.map(({ locationId }) => locationId));
    },
    remove: async (ids) => keep(({ locationId }) => !ids.includes(locationId)),
    removeOtherAccounts: async (ids) => keep(({ accountId }) => ids.includes(accountId)),
  };
}

type RankOf = Pick<UnresolvedCase, "rank" | "rankError" | "rankQuestion" | "rankedAt">;
const UNRANKED: RankOf = { rank: 0, rankError: null, rankQuestion: null, rankedAt: null };

export function memoryCaseWorklist(cases: readonly CaseRecord[]): CaseWorklistRecords {
  const unresolved = cases.filter(({ status }) => status !== "RESOLVED");
  const ranks = new Map<string, RankOf>();
  const all = (): readonly UnresolvedCase[] =>
    unresolved.map((one) => Object.assign({}, one, ranks.get(one.id) ?? UNRANKED));
  return {
    ...ranked(() =>
      all().map((node) => ({ position: { priority: node.rank, time: Number(node.openedAt), id: node.id }, node })),
    ),
    unresolved: async (limit, after = "") =>
      all()
        .filter(({ id }) => id > after)
        .toSorted((left, right) => (left.id < right.id ? -1 : 1))
        .slice(0, limit),
    rank: async (given) => {
      for (const { id, rank, error, question, at } of given) {
        ranks.set(id, { rank, rankError: error, rankQuestion: question, rankedAt: at });
      }
    },
  };
}
