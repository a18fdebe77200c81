/**
 * Which chains of businesses are in the sandboxes' world, where are they, and what do they play?
 *
 * Every business is invented; countries, cities and time zones are real. The file is long because it is text, not code.
 */

export type StoreType = "RETAIL" | "HOTEL" | "RESTAURANT" | "FITNESS" | "BAR" | "OFFICE" | "OTHER";

export interface Chain {
  readonly name: string;
  readonly storeType: StoreType;
  /** The ISO countries of its locations. */
  readonly countries: readonly CountryCode[];
}
type CountryCode = "AU" | "BR" | "CA" | "DE" | "ES" | "FR" | "GB" | "IT" | "JP" | "MX" | "NL" | "PL" | "SE" | "US";

export interface Country {
  readonly name: string;
  readonly cities: readonly City[];
  /** Together with the cities, there are more addresses than locations of any chain. */
  readonly streets: readonly string[];
}
type City = readonly [name: string, state: string, timezone: string, postalCode: string];

export const CHAINS: readonly Chain[] = [
  chain("RETAIL", "Mercado Luna", "ES", "MX"),
  chain("HOTEL", "Harbour Lane Hotels", "GB", "US"),
  chain("RESTAURANT", "Osteria del Ponte", "IT"),
  chain("FITNESS", "Stride Fitness Clubs", "US", "GB"),
  chain("BAR", "Kneipe Zum Anker", "DE"),
  chain("OFFICE", "Birchwood Offices", "US", "GB"),
  chain("OTHER", "Lakeside Aquarium", "US", "CA"),
  chain("RETAIL", "Saltbush Outfitters", "AU"),
  chain("HOTEL", "Hôtel Lumière", "FR"),
  chain("RESTAURANT", "Taquería Don Chema", "MX", "US"),
  chain("FITNESS", "Ironwharf Fitness", "AU"),
  chain("BAR", "Bar Tramontana", "ES", "FR"),
  chain("OFFICE", "Kontorhuset", "SE"),
  chain("RETAIL", "Modehuis Van Aerden", "NL", "DE"),
  chain("HOTEL", "Albergo Miramare", "IT"),
  chain("RESTAURANT", "Burger Billabong", "AU"),
  chain("FITNESS", "Kraftwerkstatt", "DE"),
  chain("BAR", "The Copper Lantern", "GB", "US"),
  chain("OFFICE", "Werkhof Coworking", "DE", "NL"),
  chain("RETAIL", "Lindqvist & Dahl", "SE", "PL"),
  chain("HOTEL", "Nordlys Hotell", "SE"),
  chain("RESTAURANT", "Café Morgenrot", "DE"),
  chain("FITNESS", "Academia Ritmo", "BR"),
  chain("BAR", "Cantina Mezcalito", "MX"),
  chain("OTHER", "Galerie Feuillet", "FR"),
  chain("RETAIL", "Casa Olmedo", "ES", "IT"),
  chain("HOTEL", "Sakura Stay", "JP"),
  chain("RESTAURANT", "Bistrot du Héron", "FR"),
  chain("FITNESS", "Forma Studio", "PL"),
  chain("BAR", "Bar Navigli", "IT"),
  chain("OFFICE", "Escritório Norte", "BR"),
  chain("RETAIL", "Tiny Orchard Toys", "US", "CA"),
  chain("HOTEL", "Pousada Azul", "BR"),
  chain("RESTAURANT", "Izakaya Minato", "JP"),
  chain("RETAIL", "Thistle & Thread", "GB"),
  chain("RETAIL", "Speelvogel", "NL"),
  chain("RESTAURANT", "Maple & Rye Diner", "CA"),
  chain("RETAIL", "Profumeria Bellarosa", "IT"),
  chain("RETAIL", "Hoshi Stationery", "JP"),
  chain("RETAIL", "Papelaria Ipê", "BR"),
];

/** The names of a chain's sisters in a larger world. */
export const SISTERS = ["City", "Express", "Garden", "Harbour", "Plus", "Quarter", "Station", "Terrace", "Village"];

/** Soundtrack's business type of an account. */
export const BUSINESS_TYPES: Readonly<Record<StoreType, string>> = {
  RETAIL: "retail",
  HOTEL: "hotel",
  RESTAURANT: "restaurant",
  FITNESS: "gym_and_fitness",
  BAR: "bar",
  OFFICE: "office",
  OTHER: "other",
};

export const COUNTRIES: Readonly<Record<CountryCode, Country>> = {
  AU: {
    name: "Australia",
    cities: [
      ["Sydney", "NSW", "Australia/Sydney", "2000"],
      ["Melbourne", "VIC", "Australia/Melbourne", "3000"],
      ["Brisbane", "QLD", "Australia/Brisbane", "4000"],
      ["Adelaide", "SA", "Australia/Adelaide", "5000"],
    ],
    streets: ["George Street", "King William Street", "Queen Street", "Flinders Lane", "Wharf Road"],
  },
  BR: {
    name: "Brazil",
    cities: [
      ["São Paulo", "SP", "America/Sao_Paulo", "01310-100"],
      ["Rio de Janeiro", "RJ", "America/Sao_Paulo", "20040-002"],
      ["Manaus", "AM", "America/Manaus", "69005-040"],
      ["Recife", "PE", "America/Recife", "50030-230"],
    ],
    streets: ["Rua das Flores", "Avenida Brasil", "Rua do Comércio", "Avenida Sete de Setembro", "Rua Augusta"],
  },
  CA: {
    name: "Canada",
    cities: [
      ["Toronto", "ON", "America/Toronto", "M5H 2N2"],
      ["Vancouver", "BC", "America/Vancouver", "V6B 1A1"],
      ["Halifax", "NS", "America/Halifax", "B3J 1A1"],
      ["Calgary", "AB", "America/Edmonton", "T2P 1J9"],
    ],
    streets: ["Queen Street West", "Granville Street", "Barrington Street", "Stephen Avenue", "Lakeshore Road"],
  },
  DE: {
    name: "Germany",
    cities: [
      ["Berlin", "Berlin", "Europe/Berlin", "10117"],
      ["Hamburg", "Hamburg", "Europe/Berlin", "20095"],
      ["München", "Bayern", "Europe/Berlin", "80331"],
      ["Leipzig", "Sachsen", "Europe/Berlin", "04109"],
    ],
    streets: ["Hauptstraße", "Bahnhofstraße", "Lindenallee", "Marktplatz", "Mühlenweg"],
  },
  ES: {
    name: "Spain",
    cities: [
      ["Madrid", "Madrid", "Europe/Madrid", "28013"],
      ["Barcelona", "Cataluña", "Europe/Madrid", "08002"],
      ["Sevilla", "Andalucía", "Europe/Madrid", "41001"],
      ["Las Palmas", "Canarias", "Atlantic/Canary", "35002"],
    ],
    streets: ["Calle Mayor", "Gran Vía", "Plaza Nueva", "Calle Real", "Avenida del Puerto"],
  },
  FR: {
    name: "France",
    cities: [
      ["Paris", "Île-de-France", "Europe/Paris", "75003"],
      ["Lyon", "Auvergne-Rhône-Alpes", "Europe/Paris", "69002"],
      ["Marseille", "Provence-Alpes-Côte d'Azur", "Europe/Paris", "13001"],
      ["Nantes", "Pays de la Loire", "Europe/Paris", "44000"],
    ],
    streets: ["rue de la République", "place du Marché", "rue des Tanneurs", "quai de la Gare", "avenue Victor Hugo"],
  },
  GB: {
    name: "United Kingdom",
    cities: [
      ["London", "", "Europe/London", "EC1A 1BB"],
      ["Leeds", "", "Europe/London", "LS1 4DY"],
      ["Bristol", "", "Europe/London", "BS1 5TR"],
      ["Edinburgh", "", "Europe/London", "EH1 1YZ"],
    ],
    streets: ["High Street", "Station Road", "Market Place", "Queen Street", "Mill Lane"],
  },
  IT: {
    name: "Italy",
    cities: [
      ["Roma", "Lazio", "Europe/Rome", "00184"],
      ["Milano", "Lombardia", "Europe/Rome", "20121"],
      ["Napoli", "Campania", "Europe/Rome", "80133"],
      ["Torino", "Piemonte", "Europe/Rome", "10121"],
    ],
    streets: ["Via Roma", "Corso Garibaldi", "Piazza del Duomo", "Via dei Mercanti", "Viale della Stazione"],
  },
  JP: {
    name: "Japan",
    cities: [
      ["Tokyo", "Tokyo", "Asia/Tokyo", "104-0061"],
      ["Osaka", "Osaka", "Asia/Tokyo", "542-0081"],
      ["Kyoto", "Kyoto", "Asia/Tokyo", "604-8005"],
      ["Sapporo", "Hokkaido", "Asia/Tokyo", "060-0061"],
    ],
    streets: ["Chuo-dori", "Ekimae", "Sakura-dori", "Honmachi", "Minami"],
  },
  MX: {
    name: "Mexico",
    cities: [
      ["Ciudad de México", "CDMX", "America/Mexico_City", "06000"],
      ["Guadalajara", "Jalisco", "America/Mexico_City", "44100"],
      ["Monterrey", "Nuevo León", "America/Monterrey", "64000"],
      ["Tijuana", "Baja California", "America/Tijuana", "22000"],
    ],
    streets: ["Avenida Reforma", "Calle Hidalgo", "Avenida Juárez", "Calle Morelos", "Plaza Mayor"],
  },
  NL: {
    name: "Netherlands",
    cities: [
      ["Amsterdam", "Noord-Holland", "Europe/Amsterdam", "1012 JS"],
      ["Rotterdam", "Zuid-Holland", "Europe/Amsterdam", "3011 AA"],
      ["Utrecht", "Utrecht", "Europe/Amsterdam", "3511 LN"],
      ["Groningen", "Groningen", "Europe/Amsterdam", "9712 HX"],
    ],
    streets: ["Kalverstraat", "Oude Gracht", "Marktstraat", "Stationsplein", "Herenweg"],
  },
  PL: {
    name: "Poland",
    cities: [
      ["Warszawa", "Mazowieckie", "Europe/Warsaw", "00-001"],
      ["Kraków", "Małopolskie", "Europe/Warsaw", "31-042"],
      ["Gdańsk", "Pomorskie", "Europe/Warsaw", "80-831"],
      ["Wrocław", "Dolnośląskie", "Europe/Warsaw", "50-107"],
    ],
    streets: ["ulica Długa", "Rynek", "ulica Polna", "aleja Lipowa", "ulica Kolejowa"],
  },
  SE: {
    name: "Sweden",
    cities: [
      ["Stockholm", "Stockholms län", "Europe/Stockholm", "111 52"],
      ["Göteborg", "Västra Götaland", "Europe/Stockholm", "411 17"],
      ["Malmö", "Skåne", "Europe/Stockholm", "211 22"],
      ["Umeå", "Västerbotten", "Europe/Stockholm", "903 26"],
    ],
    streets: ["Storgatan", "Drottninggatan", "Hamngatan", "Kungsgatan", "Skolgatan"],
  },
  US: {
    name: "United States",
    cities: [
      ["New York", "NY", "America/New_York", "10013"],
      ["Chicago", "IL", "America/Chicago", "60611"],
      ["Phoenix", "AZ", "America/Phoenix", "85004"],
      ["Los Angeles", "CA", "America/Los_Angeles", "90012"],
    ],
    streets: ["Main Street", "2nd Avenue", "Market Street", "Union Square", "Lake Drive"],
  },
};

/** More names than any location has zones. The first is the guest area. */
export const ZONES: Readonly<Record<StoreType, readonly string[]>> = {
  RETAIL: ["Shop floor", "Fitting rooms", "Entrance", "Upper floor", "Café corner", "Stockroom"],
  HOTEL: ["Lobby", "Breakfast room", "Bar", "Spa", "Corridors", "Roof terrace"],
  RESTAURANT: ["Dining room", "Terrace", "Bar", "Kitchen", "Back room", "Washrooms"],
  FITNESS: ["Gym floor", "Studio", "Cycling", "Changing rooms", "Reception", "Sauna"],
  BAR: ["Bar", "Lounge", "Terrace", "Dance floor", "Snug", "Washrooms"],
  OFFICE: ["Reception", "Canteen", "Lounge", "Roof terrace", "Gym", "Washrooms"],
  OTHER: ["Main hall", "Entrance", "Shop", "Café", "Auditorium", "Terrace"],
};

export const TRACKS = [
  "Slow Tide",
  "Paper Lanterns",
  "Midnight Ferry",
  "Copper Sky",
  "Small Hours",
  "Tangerine Afternoon",
  "Northern Platform",
  "Velvet Static",
  "Salt and Cedar",
  "Second Sunday",
  "Glass Garden",
  "Long Way Down to Summer",
  "Lighthouse Waltz",
  "Every Other Window",
  "Bright Enough",
  "Quiet Machinery",
] as const;

/** The titles of requested playlists, by usage. */
export const PLAYLISTS = {
  IN_STORE: ["Slow mornings", "Weekday floor", "Autumn in the shop", "After work", "Sunday brunch", "Rainy day"],
  EVENT: ["Opening night", "Ten years of us", "Summer terrace party", "Late shopping", "Anniversary dinner"],
  PROMOTION: ["New collection", "Two for one week", "Members' days", "Spring launch", "Loyalty week"],
} as const;

export const GUIDELINES = [
  "Warm and acoustic, nothing above 110 beats a minute before noon",
  "Independent artists first, no songs about drinking or driving",
  "Familiar voices of the last thirty years, no remixes",
  "Instrumental or in the language of the country",
  "Bright and rhythmic, as the autumn campaign sounds",
] as const;

function chain(storeType: StoreType, name: string, ...countries: readonly CountryCode[]): Chain {
  return { name, storeType, countries };
}
