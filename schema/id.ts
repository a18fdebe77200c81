/**
 * What is the id of an entity?
 *
 * The name of its type and its upstream ids: `campaign_9f1c…`. To clients it is opaque. It is checked before an upstream
 * sees it, so one type's id never passes for another's. Its parts are still input: code that puts one into a path has
 * to encode it.
 */
import { badUserInput } from "./errors.ts";

export interface EntityId<Parts extends readonly string[]> {
  /** All ids of the type begin with it, and no other ids do. */
  readonly prefix: string;
  encode(...parts: Parts): string;
  /** Throws BAD_USER_INPUT naming `argument` where the id is not one of this type. */
  decode(id: string, argument?: string): Parts;
  /** Throws as `decode` does: for an id whose parts are not needed. */
  check(id: string, argument?: string): void;
}

/** Every byte of an upstream's id that is not a letter, digit or hyphen is escaped as `~` and two hexadecimal digits. */
const PART = "((?:[0-9A-Za-z-]|~[0-9a-f]{2}){1,128})";

/** The id of a type that has one id upstream. */
export const singleId = (type: string): EntityId<[string]> => entityId<[string]>(type, 1);
/** The id of a type whose upstream id is only unique within its parent: an episode within its podcast. */
export const nestedId = (type: string): EntityId<[parent: string, own: string]> => entityId<[string, string]>(type, 2);

function entityId<Parts extends readonly string[]>(type: string, parts: number): EntityId<Parts> {
  const pattern = new RegExp(`^${[type, ...Array.from({ length: parts }, () => PART)].join("_")}$`);
  const isWhole = (found: readonly string[]): found is Parts => found.length === parts;
  const encode = (...own: Parts): string => [type, ...own.map(escaped)].join("_");
  const decode = (id: string, argument = "id"): Parts => {
    const found: readonly string[] = pattern.exec(id)?.slice(1).map(unescaped) ?? [];
    // A needless escape would make a second id of the same entity.
    if (isWhole(found) && encode(...found) === id) return found;
    throw badUserInput(`Cannot read ${argument}: ${quoted(id)} is no ${type} id`, argument);
  };
  return {
    prefix: `${type}_`,
    encode,
    decode,
    check: (id, argument) => void decode(id, argument),
  };
}

function escaped(part: string): string {
  return part.replaceAll(/[^0-9A-Za-z-]/gu, (other) => Buffer.from(other).toString("hex").replaceAll(/../g, "~$&"));
}

function unescaped(part: string): string {
  return part.replaceAll(/(?:~[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("~", ""), "hex").toString());
}

/** Client input, cut to a length that fits into a message. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Of an account: an advertiser by its name in Spotify Ads, a business by its id in Soundtrack. */
export const advertiserId = singleId("advertiser");
export const accountId = singleId("account");
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
export const candidateId = singleId("candidate");
export const deploymentId = singleId("deployment");
