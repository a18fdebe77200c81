/** The lists of the sandbox of Spotify Ads: as if all records were there, with the changes to them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createListing } from "../../../subgraphs/sandbox/spotify-ads/listing.ts";
import { CampaignQuery } from "../../../subgraphs/sandbox/spotify-ads/query.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import type { CampaignRecord } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { countedList } from "../../support/counted-list.ts";

const { campaigns } = createCampaigns({ scale: 3, now: new Date("2026-03-10T15:30:00Z") });
const all = [...campaigns];
const KEYS = { ID: "id", NAME: "name", STATUS: "status", CREATED_AT: "created_at", UPDATED_AT: "updated_at" } as const;
type Field = keyof typeof KEYS;

const query = fc.record({
  limit: fc.integer({ min: 1, max: 50 }),
  offset: fc.nat({ max: 200 }),
  name: fc.constantFrom("", "", "bank", "ALWAYS", "nothing of that name"),
  statuses: fc.constantFrom(undefined, undefined, ["PAUSED"], ["ACTIVE", "ARCHIVED"], ["UNSET"]),
  sort_field: fc.constantFrom<Field>("ID", "NAME", "STATUS", "CREATED_AT", "UPDATED_AT"),
  sort_direction: fc.constantFrom("ASC", "DESC"),
  among: fc.option(fc.uniqueArray(fc.nat({ max: all.length - 1 }), { maxLength: 20 }), { nil: undefined }),
});
const change = fc.record({
  place: fc.nat({ max: all.length - 1 }),
  changes: fc.constantFrom<Partial<CampaignRecord>>(
    { status: "PAUSED", updated_at: "2026-03-10T15:30:00Z" },
    { status: "ACTIVE", updated_at: "2026-03-10T15:30:01Z" },
    { name: "A bank of that name", updated_at: "2026-03-10T15:30:02Z" },
  ),
});

describe("a list of the sandbox of Spotify Ads", () => {
  it("is filtered, ordered and paged as if all its records were there", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(query, change), { minLength: 1, maxLength: 12 }), (steps) => {
        const listing = createListing(campaigns);
        const records = [...all];
        for (const step of steps) {
          if ("changes" in step) {
            const [id, changed] = [
              records[step.place]?.id ?? "",
              listing.change(records[step.place]?.id ?? "", step.changes),
            ];
            expect(changed).toEqual({ ...records[step.place], ...step.changes });
            if (changed) records[step.place] = changed;
            expect(listing.find(id)).toEqual(records[step.place]);
            continue;
          }
          const { among, ...asked } = step;
          const parsed = CampaignQuery.parse(asked);
          const own = records.filter((_record, place) => among?.includes(place) ?? true);
          const expected = expectedOf(own, parsed);
          expect(listing.page(parsed, among)).toEqual({
            total: expected.length,
            records: expected.slice(parsed.offset, parsed.offset + parsed.limit),
          });
        }
      }),
    );
  });

  it("makes the records of a page only, however deep it is", () => {
    const counted = countedList(campaigns);
    const listing = createListing(counted.list);
    for (const offset of [0, 50, 170]) {
      for (const sort_field of Object.keys(KEYS)) {
        const page = listing.page(CampaignQuery.parse({ offset, limit: 10, sort_field }));
        expect([page.records.length, counted.made()]).toEqual([10, 10]);
      }
    }
    const paused = listing.page(CampaignQuery.parse({ statuses: ["PAUSED"], name: "a", limit: 3 }));
    expect(paused.total).toBeGreaterThan(3);
    expect(counted.made()).toBe(3);
    listing.find(all[70]?.id ?? "");
    expect(counted.made()).toBe(1);
  });
});

function expectedOf(
  records: readonly CampaignRecord[],
  asked: ReturnType<typeof CampaignQuery.parse>,
): CampaignRecord[] {
  const key = KEYS[asked.sort_field];
  const sign = asked.sort_direction === "ASC" ? 1 : -1;
  const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return records
    .filter(
      ({ name, status }) =>
        name.toLowerCase().includes(asked.name.toLowerCase()) && (asked.statuses?.includes(status) ?? true),
    )
    .toSorted((a, b) => sign * (order(a[key], b[key]) || order(a.id, b.id)));
}
