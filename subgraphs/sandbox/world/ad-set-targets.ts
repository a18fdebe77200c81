/**
 * Which targets and exclusions does an ad set have?
 */
import { ADULT_AGES, COUNTRIES, FOR_EVERYBODY } from "./brands.ts";
import type { Category } from "./brands.ts";
import type { Plan } from "./campaign-plan.ts";
import { integer, pick, random, some, uuid } from "./random.ts";

/** What decides is said, if only by an empty list. */
export interface TargetsRecord {
  readonly age_ranges: readonly { readonly min: number; readonly max: number }[];
  readonly genders?: readonly string[];
  readonly geo_targets?: { readonly country_code: string };
  readonly platforms: readonly string[];
  readonly placements: readonly string[];
  readonly language?: string;
  readonly podcast_episode_topic_ids?: readonly string[];
  readonly sensitive_topic_exclusions: SensitiveTopicsRecord;
  readonly audience_ids: readonly string[];
  readonly audience_ids_exclusions?: readonly string[];
}

/** One filter for each topic, or one for all of them. */
export type SensitiveTopicsRecord =
  | { readonly topics: readonly { readonly id: string; readonly filter_option: string }[] }
  | { readonly filter_option: string };

const SENSITIVE_TOPICS: readonly string[] = [
  "alcohol",
  "crime-violence",
  "drugs",
  "gambling",
  "hate-speech",
  "pornography",
  "terrorism",
  "tobacco",
  "weapons",
];
/** The sensitive topic that these categories do not exclude. */
const OWN_TOPICS: Readonly<Record<string, string>> = {
  "Alcoholic Beverages": "alcohol",
  "Casinos and Gambling": "gambling",
  "Sports Betting": "gambling",
};
const FILTERS: readonly string[] = ["LIMITED", "PARTIAL", "RESTRICTED"];
const AGES: readonly (readonly (readonly [min: number, max: number])[])[] = [
  [],
  [],
  [[18, 34]],
  [[25, 54]],
  [[13, 24]],
  [
    [18, 24],
    [35, 44],
  ],
  [[35, 99]],
];
const PLACEMENTS: readonly (readonly string[])[] = [["MUSIC"], ["PODCAST"], ["MUSIC", "PODCAST"]];
/** The slugs of advertisers for adults that set no minimum age. */
const WITHOUT_MINIMUM_AGE: ReadonlySet<string> = new Set(["blackthorn-rye", "gol-de-letra-apostas"]);
/** The slugs of advertisers for minors only. */
const MINORS_ONLY: ReadonlySet<string> = new Set(["tiny-orchard-toys"]);
/** The names of the audience ids. */
export const AUDIENCES = [
  "Existing customers",
  "Lapsed customers",
  "Newsletter subscribers",
  "Recent purchasers",
  "Lookalike of recent purchasers",
  "Podcast enthusiasts",
  "Loyal listeners",
  "Competitor customers",
].map((name) => ({ id: uuid("audience", name), name }));

/** `country` is undefined if it is not set. */
export function targetsOf(
  { index, brand, category }: Plan,
  country: string | undefined,
  name: readonly (string | number)[],
): TargetsRecord {
  const draw = (what: string): number => random(...name, what);
  const placements = pick(PLACEMENTS, ...name, "placements");
  const language = COUNTRIES.get(country ?? "");
  const topics = category.topics.slice(0, integer(1, category.topics.length, ...name, "topics"));
  const ages = agesOf(brand.slug, category, country, name);
  const sensitive = sensitiveOf(category, name);
  const isOpen = FOR_EVERYBODY.has(category.name) && random("campaign", index, "open") < 0.8;
  const included = isOpen ? [] : some(AUDIENCES, 0.15, ...name, "include").map(({ id }) => id);
  const excluded = some(AUDIENCES, 0.1, ...name, "exclude").map(({ id }) => id);
  const without = excluded.filter((id) => !included.includes(id));
  return {
    age_ranges: ages.map(([min, max]) => ({ min, max })),
    ...(brand.category === "ADV_2_19" && { genders: ["FEMALE", "NON_BINARY"] }),
    ...(brand.category !== "ADV_2_19" && draw("genders") < 0.15 && { genders: ["MALE"] }),
    ...(country !== undefined && { geo_targets: { country_code: country } }),
    platforms: draw("platforms") < 0.2 ? ["IOS", "ANDROID"] : ["ANDROID", "DESKTOP", "IOS"],
    placements,
    ...(language !== undefined && draw("language") < 0.8 && { language }),
    ...(placements.includes("PODCAST") && { podcast_episode_topic_ids: topics }),
    sensitive_topic_exclusions: sensitive,
    audience_ids: included,
    ...(without.length > 0 && { audience_ids_exclusions: without }),
  };
}

/** Categories for adults have a minimum age of 18. One ad set in four has it even where a country requires more. */
function agesOf(
  advertiser: string,
  { adults, name: category }: Category,
  country: string | undefined,
  name: readonly (string | number)[],
): readonly (readonly [number, number])[] {
  if (WITHOUT_MINIMUM_AGE.has(advertiser)) return [];
  if (MINORS_ONLY.has(advertiser)) return [[13, 17]];
  if (category === "Toys") return [random(...name, "ages") < 0.3 ? [13, 17] : [25, 54]];
  if (adults === undefined) return pick(AGES, ...name, "ages");
  return [[random(...name, "ages") < 0.25 ? adults : (ADULT_AGES.get(country ?? "") ?? adults), 99]];
}

function sensitiveOf({ name: category }: Category, name: readonly (string | number)[]): SensitiveTopicsRecord {
  if (category === "Toys") return { filter_option: "RESTRICTED" };
  const chance = random(...name, "sensitive");
  if (chance < 0.15) return { topics: [] };
  if (chance < 0.3) return { filter_option: pick(FILTERS, ...name, "filter") };
  const topics = SENSITIVE_TOPICS.filter((topic) => topic !== OWN_TOPICS[category]);
  const ids = some(topics, 0.4, ...name, "sensitive");
  return { topics: ids.map((id) => ({ id, filter_option: pick(FILTERS, ...name, "filter", id) })) };
}
