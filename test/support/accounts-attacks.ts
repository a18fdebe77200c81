/**
 * By which paths can a client name something that belongs to an account?
 *
 * A table with a row for each path of the graph: a field with an id, a reference, a mutation, a list. A test derives the
 * paths from the schema, so a new one without a row fails. Over 200 lines, because it is one table.
 */
import type { AccountsWorld, IdKind } from "./accounts-world.ts";
import { NOTHING } from "./contracts.ts";

export interface Attack {
  readonly kind: IdKind;
  readonly query: string;
  readonly variables: (id: string, world: Pick<AccountsWorld, "episodeId">) => object;
}

/** Of what belongs to no account: everybody who may ask at all sees all of them. */
export const OF_NO_ACCOUNT = "it belongs to no account";
export type Row = Attack | typeof OF_NO_ACCOUNT;

const byId = (kind: IdKind, field: string, selection: string): Attack => ({
  kind,
  query: `query ($id: ID!) { ${field}(id: $id) { id ${selection} } }`,
  variables: (id) => ({ id }),
});
const ofEpisode = (selection: string): Attack => ({
  kind: "campaign",
  query: `query ($id: ID!) { episodes(first: 3) { nodes { ${selection} } } }`,
  variables: (id) => ({ id }),
});
const filtered = (kind: IdKind, selection: string): Attack => ({
  kind,
  query: `query ($id: String!) { evaluations(subject: $id, first: 200) { totalCount nodes { ${selection} } pageInfo { hasNextPage } } }`,
  variables: (id) => ({ id }),
});
const change = (kind: IdKind, mutation: string, idField: string, input: object = {}): Attack => {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  return {
    kind,
    query: `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`,
    variables: (id) => ({ input: { ...input, [idField]: id } }),
  };
};
const NEW_CASE = {
  account: "Ada",
  customerValue: "LOW",
  country: "DE",
  issue: "OTHER",
  severity: "LOW",
  description: "a question",
};

/** Fields of a query that take an id, by `Type.field(argument)`. */
export const ARGUMENTS: Readonly<Record<string, Row>> = {
  "Query.campaign(id)": byId(
    "campaign",
    "campaign",
    "name advertiser sponsorships { totalCount } cases { totalCount } activation { id } targeting { id }",
  ),
  "Query.supportCase(id)": byId("case", "supportCase", "account campaign { name } routing { id }"),
  "Query.sponsorship(id)": byId("sponsorship", "sponsorship", "brand campaign { name } decision { id } review { id }"),
  "Query.location(id)": byId(
    "location",
    "location",
    "name account zones { id nowPlaying } playlistRequests { totalCount } playback { id }",
  ),
  "Query.playlistRequest(id)": byId("playlist-request", "playlistRequest", "title location { name } decision { id }"),
  "Query.review(id)": byId("review", "review", "subject queue evaluation { id facts }"),
  "Query.effect(id)": byId("effect", "effect", "subject kind error"),
  "Query.evaluation(id)": byId("evaluation", "evaluation", "subject facts outputs requestedBy"),
  "Query.tableCandidate(id)": OF_NO_ACCOUNT,
  "Query.evaluations(subject)": filtered("campaign", "id subject facts"),
  "Query.episode(id)": OF_NO_ACCOUNT,
  "Query.episodes(showId)": OF_NO_ACCOUNT,
  "Query.episodes(eligibleFor)": {
    kind: "campaign",
    query: "query ($id: ID!) { episodes(first: 3, eligibleFor: $id) { totalCount nodes { id } } }",
    variables: (id) => ({ id }),
  },
  "Query.listener(id)": OF_NO_ACCOUNT,
  "Episode.placement(campaignId)": ofEpisode("id placement(campaignId: $id) { id verdict reasons { code } }"),
  "Listener.activation(campaignId)": {
    kind: "campaign",
    query: `query ($id: ID!) { listeners(first: 3) { nodes { id activation(campaignId: $id) {
      id verdict reasons { code } alternative { id }
    } } } }`,
    variables: (id) => ({ id }),
  },
};

/** Mutations, by `mutation.field` of each id in their input. */
export const MUTATIONS: Readonly<Record<string, Row>> = {
  "activateCampaign.campaignId": change("campaign", "activateCampaign", "campaignId", { idempotencyKey: "attack" }),
  "pauseCampaign.campaignId": change("campaign", "pauseCampaign", "campaignId", { idempotencyKey: "attack" }),
  "applyTargeting.campaignId": change("campaign", "applyTargeting", "campaignId", { offer: "attack" }),
  "openCase.campaignId": change("campaign", "openCase", "campaignId", { ...NEW_CASE, idempotencyKey: "attack" }),
  "resolveCase.caseId": change("case", "resolveCase", "caseId", { note: "done", idempotencyKey: "attack" }),
  "submitSponsorship.campaignId": {
    kind: "campaign",
    query: "mutation ($input: SubmitSponsorshipInput!) { submitSponsorship(input: $input) { __typename } }",
    variables: (campaignId, { episodeId }) => ({
      input: { campaignId, episodeId, brand: "brand", productCategory: "test", idempotencyKey: "attack" },
    }),
  },
  "submitSponsorship.episodeId": OF_NO_ACCOUNT,
  "resolveReview.reviewId": change("review", "resolveReview", "reviewId", {
    verdict: "ALLOW",
    note: "seen",
    idempotencyKey: "attack",
  }),
  "retryEffect.effectId": change("effect", "retryEffect", "effectId", { idempotencyKey: "attack" }),
  "dropEffect.effectId": change("effect", "dropEffect", "effectId", { idempotencyKey: "attack" }),
  "recordLicence.locationId": change("location", "recordLicence", "locationId", {
    status: "ACTIVE",
    tier: "background",
    idempotencyKey: "attack",
  }),
  "requestPlaylist.locationId": change("location", "requestPlaylist", "locationId", {
    title: "attack",
    usage: "IN_STORE",
    trackUris: ["spotify:track:4uLU6hMCjMI75M1A2tKUQC"],
    idempotencyKey: "attack",
  }),
  // Refused to every caller with accounts: test/decisions/candidates.test.ts.
  "resolveCandidate.candidateId": OF_NO_ACCOUNT,
  "endDeployment.deploymentId": OF_NO_ACCOUNT,
  "submitEpisode.episodeId": OF_NO_ACCOUNT,
  "publishEpisode.episodeId": OF_NO_ACCOUNT,
  "recordConsent.listenerId": OF_NO_ACCOUNT,
  "recordEngagement.events.id": OF_NO_ACCOUNT,
  "recordEngagement.events.listenerId": OF_NO_ACCOUNT,
  "recordEngagement.events.campaignId": {
    kind: "campaign",
    query: `mutation ($events: [EngagementEventInput!]!) { recordEngagement(input: { events: $events }) { __typename } }`,
    variables: (campaignId) => ({
      events: [
        { id: "attack", listenerId: `listener_${NOTHING}`, kind: "LISTEN", campaignId, at: "2020-01-01T00:00:00Z" },
      ],
    }),
  },
  "recordEngagement.events.episodeId": OF_NO_ACCOUNT,
  "routeLead.listenerId": OF_NO_ACCOUNT,
};

/** Those whose input names nothing that has an id, each with why no account is concerned. */
export const WITHOUT_ID: Readonly<Record<string, string>> = {
  proposeTable: "it is refused to every caller with accounts",
  beginDeployment: "it is refused to every caller with accounts",
};

const reference = (kind: IdKind, type: string, selection: string): Attack => ({
  kind,
  query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id ${selection} } } }`,
  variables: (id) => ({ of: [{ __typename: type, id }] }),
});

/** References that subgraphs resolve, by `subgraph.Type`. */
export const REFERENCES: Readonly<Record<string, Row>> = {
  "campaigns.Campaign": reference("campaign", "Campaign", "name cases { totalCount }"),
  "campaigns.Sponsorship": reference("sponsorship", "Sponsorship", "brand campaign { id }"),
  "campaigns.SupportCase": reference("case", "SupportCase", "account campaign { id }"),
  "campaigns.Episode": OF_NO_ACCOUNT,
  "campaigns.Listener": OF_NO_ACCOUNT,
  "episodes.Episode": OF_NO_ACCOUNT,
  "episodes.Show": OF_NO_ACCOUNT,
  // Only the facts of the episode that the reference itself names.
  "episodes.Sponsorship": OF_NO_ACCOUNT,
  "locations.Location": reference("location", "Location", "name zones { id }"),
  "locations.PlaylistRequest": reference("playlist-request", "PlaylistRequest", "title location { id }"),
  "listeners.Listener": OF_NO_ACCOUNT,
  "decisions.Evaluation": reference("evaluation", "Evaluation", "subject facts"),
  "decisions.Review": reference("review", "Review", "subject request { __typename } evaluation { id }"),
};

/** Root fields that list, with the kind of their nodes. */
export const LISTS: Readonly<Record<string, IdKind | typeof OF_NO_ACCOUNT>> = {
  campaigns: "campaign",
  caseWorklist: "case",
  locations: "location",
  locationWorklist: "location",
  reviewQueue: "review",
  evaluations: "evaluation",
  effects: "effect",
  episodes: OF_NO_ACCOUNT,
  listeners: OF_NO_ACCOUNT,
};

/** Root fields without an id and without a list. */
export const OTHERS: readonly string[] = [
  "activity",
  "caller",
  "changeImpact",
  "decisionModel",
  "decisionModels",
  "receiptKeys",
];

/** Everything that is reached from the lists, for a caller that follows every field. */
export const CRAWL = `{
  campaigns(first: 200) { nodes {
    id name advertiser advertiserId
    activation { id alternative { id name advertiser } }
    targeting { id }
    sponsorships(first: 200) { nodes { id brand campaign { id name } decision { id reasons { code message } }
      review { id subject evaluation { id subject facts } } episode { id } } totalCount }
    cases(first: 200) { nodes { id account campaign { id name } routing { id } } totalCount }
  } }
  locations(first: 200) { nodes {
    id name account accountId zones { id name } playback { id }
    playlistRequests(first: 200) { nodes { id title location { id name } decision { id }
      review { id subject evaluation { id subject facts } } } totalCount }
  } }
  caseWorklist(first: 200) { nodes { id account description campaign { id name } } }
  locationWorklist(first: 200) { nodes { id name account } }
  reviewQueue(first: 200) { nodes { id subject queue evaluation { id subject facts requestedBy }
    request { ... on Sponsorship { id brand campaign { id name } } ... on PlaylistRequest { id title location { id name } } }
    alike { id subject request { ... on Sponsorship { id campaign { name } } ... on PlaylistRequest { id title } } } } }
  evaluations(first: 200) { nodes { id subject facts outputs } }
  effects(first: 200) { nodes { id subject kind error } }
}`;
