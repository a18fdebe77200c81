import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListenerRecord } from "../../../subgraphs/records/listeners/types.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { startAudience } from "../../support/audience.ts";
import type { Audience } from "../../support/audience.ts";
import { NOW } from "../../support/decibel.ts";
import { idOf, recordsWith } from "../../support/listener-world.ts";
import { whole } from "../../support/whole.ts";

const at = (text: string): Date => new Date(text);

/** Its values occur nowhere else. */
const SENTINEL: ListenerRecord = {
  id: "00000000-0000-4000-8000-00000000abcd",
  spotifyAccountId: "sentinelaccount",
  country: "LI",
  region: "sentinelregion",
  age: 86_420,
  customerValue: "HIGH",
  industry: "sentinelindustry",
  productsOwned: ["sentinelproduct"],
  productInterest: "sentinelinterest",
  consents: [
    { purpose: "MARKETING", granted: true, recordedAt: at("1987-06-05T04:03:02.109Z") },
    { purpose: "PROFILING", granted: true, recordedAt: at("1987-06-05T04:03:02.109Z") },
  ],
  engagement: {
    listens: 97_531,
    skips: 86_421,
    follows: 75_319,
    playlistAdds: 64_208,
    ctaClicks: 53_197,
    lastAt: at("1988-07-06T05:04:03.211Z"),
  },
};
/** Its facts fail the evaluation: a text in place of a number. */
const BROKEN = {
  ...SENTINEL,
  id: "00000000-0000-4000-8000-00000000abce",
  engagement: { ...SENTINEL.engagement, follows: "75319-and-a-half" as unknown as number },
};
const PERSONAL =
  /sentinel|\bLI\b|86420|97531|86421|75319|64208|53197|1987-06-05|1988-07-06|549864182109|584168643211|MARKETING/;

const changed = new Map<string, ListenerRecord>([SENTINEL, BROKEN].map((record) => [record.id, record]));
const records = recordsWith(changed);

let audience: Audience;
beforeAll(async () => {
  audience = await startAudience({ records });
});
afterAll(() => audience.stop());

describe("personal data of a listener", () => {
  const everything = `id country region age customerValue industry productsOwned spotifyAccountId
    consents { purpose granted recordedAt } engagement { listens skips playlistAdds ctaClicks lastAt }
    segments { verdict segments } lead { verdict score route } facts { age country consents refusals }`;
  const query = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Listener { ${everything} } } }`;
  const ids = [SENTINEL, BROKEN].map((record) => ({ __typename: "Listener", id: idOf(record) }));
  const [campaign = ""] = whole(createCampaigns({ scale: 1, now: new Date(NOW) })).campaigns.map(
    ({ id }) => `campaign_${id}`,
  );
  const personal = { age: 86_420, country: "LI", consents: ["MARKETING"], refusals: ["sentinelrefusal"] };

  it("goes to the client that selects it", async () => {
    const { data } = await audience.query("listeners", query, { ids });
    const answer = JSON.stringify(data);
    for (const value of ["sentinelaccount", "sentinelregion", "86420", "97531", "1988-07-06T05:04:03.211Z"]) {
      expect(answer).toContain(value);
    }
  });

  it.each([
    ["nothing fails", undefined],
    ["the decision service refuses", { status: 400 }],
    ["the decision service fails", { status: 500 }],
    ["the decision service has no rows", { rows: "empty" }],
    ["the decision service sends a malformed body", { body: "malformed" }],
  ] as const)("is in no log line and no error if %s", async (condition, faults) => {
    if (faults) await audience.misbehave("opentext", faults);
    // A listener of a new class, so that no cache answers.
    changed.set(SENTINEL.id, {
      ...SENTINEL,
      productsOwned: ["sentinelproduct", `sentinel${condition}`],
      region: `sentinel${condition}`,
    });
    const from = audience.lines.length;
    const answers = await Promise.all([
      audience.query("listeners", query, { ids }),
      audience.entities(
        "campaigns",
        representations(),
        `... on Listener { id activation(campaignId: "${campaign}") { verdict } }`,
      ),
    ]);
    await audience.behave("opentext");
    changed.set(SENTINEL.id, SENTINEL);
    const logged = audience.lines.slice(from);
    expect(logged.length).toBeGreaterThan(0);
    expect(answers.map(({ errors }) => errors.length > 0)).toEqual([true, true]);
    for (const text of [...logged, JSON.stringify(answers.map(({ errors }) => errors))]) {
      expect(text).not.toMatch(PERSONAL);
    }
  });

  /** References to a listener: a valid one, and some with malformed facts. */
  function representations(): readonly unknown[] {
    const malformed = [
      { age: "86420" },
      { age: 86_420.5 },
      { country: { code: "LI" } },
      { consents: "MARKETING" },
      { consents: [86_420] },
      { refusals: [{ sentinel: true }] },
    ];
    return [{}, ...malformed].map((change) => ({
      __typename: "Listener",
      id: idOf(SENTINEL),
      facts: { ...personal, ...change },
    }));
  }
});
