import "reflect-metadata";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { segmentFacts } from "../../../subgraphs/listeners/decisions/audience-segment.ts";
import { leadFacts } from "../../../subgraphs/listeners/decisions/lead-routing.ts";
import { toListener } from "../../../subgraphs/listeners/services.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import type { Facts, Row } from "../../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import type { ListenerRecord } from "../../../subgraphs/records/listeners/types.ts";
import { createListeners } from "../../../subgraphs/sandbox/world/listeners.ts";
import { NOW } from "../../support/now.ts";
import { DAY_MS } from "../../support/times.ts";
import { tableNamed } from "../../support/tables.ts";
import { whole } from "../../support/whole.ts";

const at = (text: string): Date => new Date(text);
const world = whole(createListeners({ scale: 1, now: new Date(NOW) })).listeners;
const tables = await loadTables(join(projectRoot(), "subgraphs", "listeners"));

function factsOf(key: string, record: ListenerRecord): Facts {
  const listener = toListener(record);
  return key === "lead_routing" ? leadFacts(listener) : segmentFacts(listener, NOW);
}

function rowsOf(key: string, record: ListenerRecord): readonly Row[] {
  const evaluation = tableNamed(tables, key).evaluate(factsOf(key, record));
  return "failed" in evaluation ? [] : evaluation.rows;
}

describe("the world's listeners", () => {
  it("are 5,000, and a larger scale only adds more", () => {
    expect(world).toHaveLength(5000);
    const double = whole(createListeners({ scale: 2, now: new Date(NOW) })).listeners;
    expect(double).toHaveLength(10_000);
    expect(double.slice(0, 5000)).toEqual(world);
    expect(new Set(double.map(({ id }) => id)).size).toBe(10_000);
  });

  it("are the same all day, and their times move with the date", () => {
    const on = (text: string): readonly ListenerRecord[] =>
      whole(createListeners({ scale: 1, now: at(text) })).listeners;
    expect(on("2026-03-10T00:00:00Z")).toEqual(on("2026-03-10T23:59:59Z"));
    const [today, tomorrow] = [on("2026-03-10T00:00:00Z"), on("2026-03-11T00:00:00Z")];
    const shifts = today.map(({ engagement }, index) => {
      const later = tomorrow[index]?.engagement.lastAt;
      return Number(later) - Number(engagement.lastAt);
    });
    expect(new Set(shifts)).toEqual(new Set([DAY_MS]));
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be made at a scale of %d", (scale) => {
    expect(() => createListeners({ scale, now: new Date(NOW) })).toThrow(
      new RangeError(`scale is a whole number from 1, but got ${scale}`),
    );
  });

  it("live in 16 countries; some have no age, and some no consents", () => {
    expect(new Set(world.map(({ country }) => country)).size).toBe(16);
    expect(world.filter(({ age }) => age === null).length).toBeGreaterThan(200);
    expect(world.filter(({ age }) => age !== null && age < 13).length).toBeGreaterThan(20);
    expect(world.filter(({ consents }) => consents.length === 0).length).toBeGreaterThan(500);
  });

  it("skip no more than they listen, and have no counts if they were inactive for 31 days", () => {
    for (const { engagement } of world) {
      expect(engagement.skips).toBeLessThanOrEqual(engagement.listens);
      if (NOW - Number(engagement.lastAt) > 31 * DAY_MS) {
        expect({ ...engagement, lastAt: null }).toEqual({
          listens: 0,
          skips: 0,
          follows: 0,
          playlistAdds: 0,
          ctaClicks: 0,
          lastAt: null,
        });
      }
    }
  });

  it.each(["audience_segment", "lead_routing"])("reach every rule of %s", (key) => {
    const {
      table: { rules },
    } = tableNamed(tables, key);
    const reached = new Set(world.flatMap((listener) => rowsOf(key, listener)));
    expect(rules.filter(({ row }) => !reached.has(row)).map(({ row }) => row["reason_code"])).toEqual([]);
  });
});
