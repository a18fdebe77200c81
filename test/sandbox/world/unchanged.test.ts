/**
 * The sandboxes' world is the same in every version: databases that were seeded from it name its ids.
 *
 * One digest for each part, of everything in it. A change of a digest is a change of the world, and a seeded database
 * does not fit it any more.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../../subgraphs/sandbox/world/world.ts";

const NOW = new Date("2026-03-10T13:45:00Z");

/** The lists of a world by name, also those in its parts. */
function digestsOf(scale: number): Readonly<Record<string, string>> {
  const { cases, sponsorships, playlistRequests, campaigns, episodes, locations, listeners } = createWorld({
    scale,
    now: NOW,
  });
  const lists: Readonly<Record<string, Iterable<unknown>>> = {
    campaigns: campaigns.campaigns,
    adSets: campaigns.adSets,
    ads: campaigns.ads,
    reports: campaigns.reports,
    audiences: campaigns.audiences,
    advertisers: campaigns.advertisers,
    campaignProfiles: campaigns.profiles,
    cases,
    sponsorships,
    shows: episodes.shows,
    episodes: episodes.episodes,
    episodeProfiles: episodes.profiles,
    accounts: locations.accounts,
    locations: locations.locations,
    locationProfiles: locations.profiles,
    playlistRequests,
    listeners: listeners.listeners,
  };
  return Object.fromEntries(Object.entries(lists).map(([name, items]) => [name, digestOf(items)]));
}

function digestOf(items: Iterable<unknown>): string {
  const hash = createHash("sha256");
  for (const item of items) hash.update(`${JSON.stringify(item)}\n`);
  return hash.digest("hex").slice(0, 16);
}

describe("the sandboxes' world", () => {
  it("is what it always was at scale 1", () => {
    expect(digestsOf(1)).toEqual({
      accounts: "e6071556cca8f1aa",
      adSets: "b5a375315a1574e5",
      ads: "7d3e73e7599d4315",
      advertisers: "870815a1d87da9f1",
      audiences: "edb18a261958ea6f",
      campaignProfiles: "a31f1084bcbbd552",
      campaigns: "5644a80ddc15cf1c",
      cases: "4363c71f0a360221",
      episodeProfiles: "3a165c56cec44e06",
      episodes: "b78016db5a3479e0",
      listeners: "ddfc5934df8a60b9",
      locationProfiles: "182573a5c8fb7bf4",
      locations: "031347eca2d50e84",
      playlistRequests: "0423615960cac3c8",
      reports: "6856db857e48b934",
      shows: "0b96025868407031",
      sponsorships: "7f4dd769e65172d3",
    });
  });

  it("is what it always was at scale 12", { timeout: 60_000 }, () => {
    expect(digestsOf(12)).toEqual({
      accounts: "cba4c8fd086c54bf",
      adSets: "50b9f7e7ab2546ff",
      ads: "24baae77714db9cd",
      advertisers: "870815a1d87da9f1",
      audiences: "edb18a261958ea6f",
      campaignProfiles: "22026de234f8cac6",
      campaigns: "70b35196b90c395a",
      cases: "a062d7836f8d1991",
      episodeProfiles: "df74bf2beabcd619",
      episodes: "d42bb38e27bf40d9",
      listeners: "5889c599c84415a6",
      locationProfiles: "af72b777d8aaea51",
      locations: "116d9fa03de934ef",
      playlistRequests: "090d7ec2fffa447b",
      reports: "5196bc043ae193a1",
      shows: "a32893f9707c4320",
      sponsorships: "5cdc253e7b800247",
    });
  });
});
