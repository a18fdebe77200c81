/**
 * What is decided of a subject when somebody asks whether it is eligible, and how is that asked?
 *
 * A row for each type of subject: the field of the query that finds it, and the field of it that decides. All that is asked at
 * once is asked in few operations, of few different shapes, so that each is planned once.
 */
import { parse } from "graphql";
import type { DocumentNode } from "graphql";
import { badUserInput } from "../../schema/errors.ts";
import { campaignId, episodeId, listenerId, locationId } from "../../schema/id.ts";

export interface Subject {
  readonly id: string;
  /** The campaign that it is decided for; undefined where there is none to it. */
  readonly campaignId: string | undefined;
  readonly question: Question;
  /** The same for the same subject and campaign. */
  readonly key: string;
}

/** Fields of the graph. */
interface Question {
  readonly subject: string;
  readonly decision: string;
  readonly isOfCampaign: boolean;
}

const CAMPAIGN: Question = { subject: "campaign", decision: "activation", isOfCampaign: false };
const LOCATION: Question = { subject: "location", decision: "playback", isOfCampaign: false };
const LISTENER: Question = { subject: "listener", decision: "activation", isOfCampaign: true };
const EPISODE: Question = { subject: "episode", decision: "publishing", isOfCampaign: false };
const PLACEMENT: Question = { subject: "episode", decision: "placement", isOfCampaign: true };

/** By the prefixes of their ids: what is asked with a campaign, and without. */
const QUESTIONS: readonly (readonly [
  type: typeof campaignId | typeof episodeId,
  withOne: Question,
  without: Question | undefined,
])[] = [
  [campaignId, CAMPAIGN, CAMPAIGN],
  [locationId, LOCATION, LOCATION],
  [listenerId, LISTENER, undefined],
  [episodeId, PLACEMENT, EPISODE],
];

/** Throws BAD_USER_INPUT. */
export function subjectOf(id: string, campaign: string | undefined): Subject {
  const [type, withOne, without] = QUESTIONS.find(([one]) => id.startsWith(one.prefix)) ?? [];
  if (!type) throw badUserInput(`Cannot subscribe: ${NOBODY}`, "ids");
  type.check(id, "ids");
  const question = campaign === undefined ? without : withOne;
  if (!question)
    throw badUserInput("Cannot subscribe: a listener is decided for a campaign; send campaignId", "campaignId");
  const own = question.isOfCampaign ? campaign : undefined;
  return { id, campaignId: own, question, key: own === undefined ? id : `${id} ${own}` };
}

const NOBODY = "ids has one that is of no campaign, episode, location or listener";

/** One operation. */
export interface Ask {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** In the order of the keys of the answer. */
  readonly subjects: readonly Subject[];
}

/** The key of the subject at a place in an answer, and of its decision. */
export const keyAt = (place: number): string => `subject${place}`;
export const DECISION = "decision";

/** Subjects in one operation. */
const MAX_SUBJECTS = 64;

/** Parts of a power of two of each question, so that they have few shapes. */
export function asksFor(subjects: readonly Subject[]): readonly Ask[] {
  return [...Map.groupBy(subjects, ({ question }) => question)].flatMap(([question, all]) => {
    const asks: Ask[] = [];
    for (let start = 0; start < all.length;) {
      const size = Math.min(MAX_SUBJECTS, 2 ** Math.floor(Math.log2(all.length - start)));
      const part = all.slice(start, start + size);
      asks.push({ document: documentFor(question, size), variables: variablesOf(part), subjects: part });
      start += size;
    }
    return asks;
  });
}

function variablesOf(subjects: readonly Subject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    subjects.flatMap(({ id, campaignId: own }, place) => [
      [`id${place}`, id],
      ...(own === undefined ? [] : [[`campaign${place}`, own]]),
    ]),
  );
}

const documents = new Map<string, DocumentNode>();

function documentFor({ subject, decision, isOfCampaign }: Question, size: number): DocumentNode {
  const name = `${subject} ${decision} ${size}`;
  const known = documents.get(name);
  if (known) return known;
  const places = Array.from({ length: size }, (_, place) => place);
  const variables = places.map((place) => `$id${place}: ID!${isOfCampaign ? ` $campaign${place}: ID!` : ""}`);
  const fields = places.map((place) => {
    const argument = isOfCampaign ? `(campaignId: $campaign${place})` : "";
    return `${keyAt(place)}: ${subject}(id: $id${place}) { ${DECISION}: ${decision}${argument} ${FIELDS} }`;
  });
  const document = parse(`query (${variables.join(" ")}) { ${fields.join(" ")} }`, { noLocation: true });
  documents.set(name, document);
  return document;
}

const FIELDS = `{
  id verdict eligible decidedAt expiresAt model { key version } reasons { code message verdict rule reconstructed }
}`;
