/**
 * What is the id of an entity?
 *
 * The name of its type and the ids it has upstream: `campaign_9f1c…`. Clients take it as opaque; here it is checked
 * before anything upstream sees it, so one type's id is never taken for another's. What is in it is still input: whoever
 * puts it into a path encodes it.
 */
import { badUserInput } from "./errors.ts";

export interface EntityId<Parts extends readonly string[]> {
  /** What all ids of the type begin with, and no others. */
  readonly prefix: string;
  encode(...parts: Parts): string;
  /** Throws BAD_USER_INPUT naming `argument` where the id is not one of this type. */
  decode(id: string, argument?: string): Parts;
}

/** What an upstream's id may hold beside letters, digits and hyphens is escaped as `~` and two hexadecimal digits. */
const PART = "((?:[0-9A-Za-z-]|~[0-9a-f]{2}){1,128})";

/** The id of a type known upstream by one id. */
export const singleId = (type: string): EntityId<[string]> => entityId<[string]>(type, 1);
/** The id of a type that is only unique below another thing: an episode below its podcast. */
export const nestedId = (type: string): EntityId<[parent: string, own: string]> => entityId<[string, string]>(type, 2);

function entityId<Parts extends readonly string[]>(type: string, parts: number): EntityId<Parts> {
  const pattern = new RegExp(`^${[type, ...Array.from({ length: parts }, () => PART)].join("_")}$`);
  const isWhole = (found: readonly string[]): found is Parts => found.length === parts;
  const encode = (...own: Parts): string => [type, ...own.map(escaped)].join("_");
  return {
    prefix: `${type}_`,
    encode,
    decode(id, argument = "id") {
      const found: readonly string[] = pattern.exec(id)?.slice(1).map(unescaped) ?? [];
      // What is escaped without need would be a second id of the same entity.
      if (isWhole(found) && encode(...found) === id) return found;
      throw badUserInput(`Cannot read ${argument}: ${quoted(id)} is no ${type} id`, argument);
    },
  };
}

function escaped(part: string): string {
  return part.replaceAll(/[^0-9A-Za-z-]/gu, (other) => Buffer.from(other).toString("hex").replaceAll(/../g, "~$&"));
}

function unescaped(part: string): string {
  return part.replaceAll(/(?:~[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("~", ""), "hex").toString());
}

/** What a client sent, short enough to repeat to it. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

export const campaignId = singleId("campaign");
export const showId = singleId("show");
export const episodeId = nestedId("episode");
export const sponsorshipId = singleId("sponsorship");
export const caseId = singleId("case");
export const locationId = singleId("location");
export const zoneId = singleId("zone");
export const playlistRequestId = singleId("playlist-request");
export const listenerId = singleId("listener");
export const evaluationId = singleId("evaluation");
export const reviewId = singleId("review");
export const effectId = singleId("effect");
