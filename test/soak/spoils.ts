/**
 * Which fields of the upstreams' answers are spoilt, and what is right then?
 *
 * A field that is missing, null or of the wrong type costs its item at most: a decision is as in the world as it is, or
 * there is an error. Only a null that an upstream may answer is a fact, with the decisions of a world in which it is null.
 */
import type { Spoil } from "../../subgraphs/sandbox/spoil.ts";

type Spoils = Readonly<Record<string, readonly Spoil[]>>;

/** By upstream. No null among them changes a fact. */
export const SPOILS: Spoils = {
  "spotify-ads": [
    { path: "campaigns.1.id" },
    { path: "campaigns.0.id", value: null },
    { path: "campaigns.0.name", value: 7 },
    { path: "ad_sets.0.targets", value: "x" },
    { path: "ad_sets.1.category", value: 7 },
    { path: "ad_sets.0.campaign_id" },
  ],
  "spotify-web": [
    { path: "episodes.0.explicit" },
    { path: "episodes.1.explicit", value: null },
    { path: "episodes.0.languages", value: 7 },
    { path: "tracks.0.explicit", value: "x" },
  ],
  megaphone: [
    { path: "0.draft", value: "perhaps" },
    { path: "1.draft", value: null },
    { path: "1.id" },
    { path: "0.advertisingTags", value: 7 },
    { path: "0.title", value: null },
    { path: "0.summary" },
  ],
  soundtrack: [
    { path: "data.*.locations.edges.0.node.id" },
    { path: "data.*.locations.edges.1.node.timezone", value: 7 },
    { path: "data.*.locations.edges.0.node.soundZones", value: "x" },
    { path: "data.*.locations.edges.1.node.physicalAddress.city", value: null },
  ],
};

/** The nulls that are facts. No two of them meet in one decision. */
export const NULLED_FACTS: Spoils = {
  megaphone: [{ path: "*.promotionalContent", value: null }],
  soundtrack: [{ path: "data.*.locations.edges.*.node.timezone", value: null }],
};
