/**
 * Who advertises in the sandboxes' world, for what, and where?
 *
 * Every advertiser is invented. First-party data names advertisers by their slug, the name in kebab-case: both the
 * competitors of a campaign and the advertising tags of an episode.
 */

export interface Brand {
  /** At most 25 characters, Spotify's limit. */
  readonly name: string;
  readonly slug: string;
  /** One of `CATEGORIES`. */
  readonly category: string;
  /** Its home country, one of `COUNTRIES`. */
  readonly home: string;
}

export interface Category {
  /** `ADV_{parent}_{sub}` */
  readonly code: string;
  readonly name: string;
  readonly parent: string;
  /** The podcast topics that such an advertiser targets. */
  readonly topics: readonly string[];
  /** The lowest legal age in any country; undefined without an age limit. */
  readonly adults?: number;
}

/** The countries where campaigns run, with their languages. */
export const COUNTRIES: ReadonlyMap<string, string> = new Map([
  ["US", "en"],
  ["GB", "en"],
  ["DE", "de"],
  ["FR", "fr"],
  ["ES", "es"],
  ["IT", "it"],
  ["NL", "nl"],
  ["SE", "sv"],
  ["BR", "pt"],
  ["MX", "es"],
  ["AU", "en"],
  ["JP", "ja"],
]);

/** The countries where the age for alcohol and gambling is above 18. */
export const ADULT_AGES: ReadonlyMap<string, number> = new Map([
  ["US", 21],
  ["JP", 20],
]);

/** All 34 of Spotify's parents, in the order of their numbers. */
export const PARENT_CATEGORIES: readonly string[] = [
  "Automotive",
  "Beauty and Grooming",
  "Beauty Services",
  "Business to Business",
  "Careers and Employment",
  "Clothing and Fashion",
  "Collectibles and Antiques",
  "Education and Training",
  "Energy, Oil, and Gas",
  "Events and Attractions",
  "Family and Parenting",
  "Finance and Insurance",
  "Fitness and Recreation",
  "Food and Beverage Services",
  "Food and Drink",
  "Gambling",
  "Government and Non-Profit",
  "Home and Garden Products",
  "Home and Garden Services",
  "Legal Services",
  "Media and Entertainment",
  "Medicine and Pharmaceuticals",
  "Other",
  "Pets",
  "Politics and Elections",
  "Real Estate",
  "Relationships and Life Events",
  "Religion and Spirituality",
  "Retailers",
  "Sensitive Other",
  "Shipping and Storage",
  "Technology",
  "Telecommunications",
  "Travel",
];

/**
 * The 23 sub-categories of the advertisers. Spotify has 297 but documents the codes of a handful: 1_6, 6_44, 12_101,
 * 15_139, 15_140, 16_144, 16_147, 21_182, 29_244, 32_266 and 34_276. The other codes are invented.
 */
export const CATEGORIES: readonly Category[] = [
  category("ADV_1_6", "Car Manufacturers", ["automotive", "technology-and-computing", "travel"]),
  category("ADV_2_19", "Cosmetics", ["style-and-fashion", "healthy-living", "pop-culture"]),
  category("ADV_6_44", "Clothing", ["style-and-fashion", "shopping", "pop-culture"]),
  category("ADV_8_66", "Colleges and Universities", ["education", "careers", "science"]),
  category("ADV_10_83", "Music Festivals", ["music-and-audio", "events-and-attractions", "pop-culture"]),
  category("ADV_11_98", "Toys", ["family-and-relationships", "hobbies-and-interests", "shopping"]),
  category("ADV_12_101", "Banking", ["business-and-finance", "personal-finance", "real-estate"]),
  category("ADV_12_106", "Insurance", ["personal-finance", "family-and-relationships", "automotive"]),
  category("ADV_13_118", "Gyms and Health Clubs", ["healthy-living", "sports", "careers"]),
  category("ADV_14_131", "Restaurants", ["food-and-drink", "events-and-attractions", "pop-culture"]),
  category("ADV_15_139", "Alcoholic Beverages", ["food-and-drink", "sports", "music-and-audio"], 18),
  category("ADV_15_140", "Food", ["food-and-drink", "healthy-living", "home-and-garden"]),
  category("ADV_15_142", "Soft Drinks", ["food-and-drink", "video-gaming", "sports"]),
  category("ADV_16_144", "Casinos and Gambling", ["sports", "video-gaming", "television"], 18),
  category("ADV_16_147", "Sports Betting", ["sports", "news-and-politics", "television"], 18),
  category("ADV_21_182", "Books and Literature", ["books-and-literature", "education", "fine-art"]),
  category("ADV_21_194", "Streaming Services", ["movies", "television", "pop-culture"]),
  category("ADV_22_199", "Pharmaceuticals", ["medical-health", "healthy-living", "science"]),
  category("ADV_29_244", "Apparel", ["shopping", "style-and-fashion", "sports"]),
  category("ADV_32_266", "Apps", ["technology-and-computing", "video-gaming", "travel"]),
  category("ADV_33_273", "Mobile Carriers", ["technology-and-computing", "business-and-finance", "sports"]),
  category("ADV_34_276", "Adventure Travel", ["travel", "sports", "hobbies-and-interests"]),
  category("ADV_34_278", "Airlines", ["travel", "business-and-finance", "events-and-attractions"]),
];

/** The categories that no rule restricts. Alternatives to blocked campaigns come from them. */
export const FOR_EVERYBODY: ReadonlySet<string> = new Set([
  "Airlines",
  "Apparel",
  "Apps",
  "Books and Literature",
  "Food",
  "Streaming Services",
]);

export const BRANDS: readonly Brand[] = [
  brand("ADV_15_139", "SE", "Nordhavn Brygghus"),
  brand("ADV_15_139", "FR", "Domaine Clairval"),
  brand("ADV_15_139", "MX", "Destilería Agavida"),
  brand("ADV_15_139", "GB", "Blackthorn & Rye"),
  brand("ADV_15_139", "US", "Copper Mesa Brewing"),
  brand("ADV_16_144", "GB", "Royal Meridian Casino"),
  brand("ADV_16_144", "IT", "Casinò Porto Dorato"),
  brand("ADV_16_144", "AU", "Lucky Wattle"),
  brand("ADV_16_147", "BR", "Gol de Letra Apostas"),
  brand("ADV_16_147", "ES", "Pronóstico Real"),
  brand("ADV_12_101", "GB", "Hartwell Bank"),
  brand("ADV_12_101", "BR", "Banco Ipê"),
  brand("ADV_12_101", "DE", "Kranich Direktbank"),
  brand("ADV_12_106", "NL", "Polderzeker"),
  brand("ADV_12_106", "JP", "Minato Kasai"),
  brand("ADV_22_199", "DE", "Alvera Arzneimittel"),
  brand("ADV_22_199", "FR", "Laboratoires Verdane"),
  brand("ADV_22_199", "US", "Corvanta Therapeutics"),
  brand("ADV_11_98", "DE", "Klotzwerk"),
  brand("ADV_11_98", "US", "Tiny Orchard Toys"),
  brand("ADV_11_98", "NL", "Speelvogel"),
  brand("ADV_1_6", "US", "Velmar Motors"),
  brand("ADV_1_6", "DE", "Arkona Automobile"),
  brand("ADV_1_6", "JP", "Tsubasa Mobility"),
  brand("ADV_32_266", "ES", "Paseo App"),
  brand("ADV_32_266", "JP", "Tabinote"),
  brand("ADV_32_266", "SE", "Bibbo Games"),
  brand("ADV_29_244", "NL", "Modehuis Van Aerden"),
  brand("ADV_29_244", "AU", "Saltbush Outfitters"),
  brand("ADV_6_44", "SE", "Lindqvist & Dahl"),
  brand("ADV_6_44", "ES", "Casa Olmedo"),
  brand("ADV_34_276", "AU", "Outback Drift Tours"),
  brand("ADV_34_276", "SE", "Fjäll och Fjord Resor"),
  brand("ADV_34_278", "IT", "Aurelia Airways"),
  brand("ADV_34_278", "BR", "Pampair Linhas Aéreas"),
  brand("ADV_15_140", "IT", "Pastificio Bellarosa"),
  brand("ADV_15_140", "GB", "Oat & Acre"),
  brand("ADV_15_142", "BR", "Suco Solar"),
  brand("ADV_15_142", "US", "Fizzard Soda"),
  brand("ADV_21_194", "US", "Lumora Stream"),
  brand("ADV_21_194", "SE", "Kanvas TV"),
  brand("ADV_21_194", "ES", "Cinevía"),
  brand("ADV_21_182", "FR", "Éditions du Héron"),
  brand("ADV_14_131", "MX", "Taquería Don Chema"),
  brand("ADV_14_131", "AU", "Burger Billabong"),
  brand("ADV_13_118", "AU", "Ironwharf Fitness"),
  brand("ADV_33_273", "MX", "Onda Móvil del Valle"),
  brand("ADV_33_273", "IT", "Telefonia Adriatica"),
  brand("ADV_8_66", "MX", "Instituto Sierra Azul"),
  brand("ADV_2_19", "FR", "Maison Sélène"),
  brand("ADV_2_19", "JP", "Hanabira Beauty"),
  brand("ADV_10_83", "NL", "Longwave Festival"),
];

/** In kebab-case, without accents: "Banco Ipê" → "banco-ipe". */
export function slugOf(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function category(code: string, name: string, topics: readonly string[], adults?: number): Category {
  const parent = PARENT_CATEGORIES[Number(code.split("_")[1]) - 1];
  if (parent === undefined) throw new RangeError(`a category's code names one of its parents, but got ${code}`);
  return { code, name, parent, topics, ...(adults === undefined ? {} : { adults }) };
}

function brand(category: string, home: string, name: string): Brand {
  return { name, slug: slugOf(name), category, home };
}
