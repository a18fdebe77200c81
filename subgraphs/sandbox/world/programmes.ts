/**
 * What do the sandbox's podcasts talk about?
 *
 * Twelve programmes in five languages. An episode is one subject under one title pattern, so a programme holds at most
 * `subjects × titles` different episodes; `share` stays below that. The file is long because it is text, not code.
 */

export const TOPICS = [
  "automotive",
  "books-and-literature",
  "business-and-finance",
  "careers",
  "education",
  "events-and-attractions",
  "family-and-relationships",
  "fine-art",
  "food-and-drink",
  "healthy-living",
  "hobbies-and-interests",
  "home-and-garden",
  "medical-health",
  "movies",
  "music-and-audio",
  "news-and-politics",
  "personal-finance",
  "pets",
  "pop-culture",
  "real-estate",
  "religion-and-spirituality",
  "science",
  "shopping",
  "sports",
  "style-and-fashion",
  "technology-and-computing",
  "television",
  "travel",
  "video-gaming",
] as const;
export type Topic = (typeof TOPICS)[number];

export const SENSITIVE_TOPICS = [
  "alcohol",
  "crime-violence",
  "drugs",
  "gambling",
  "hate-speech",
  "pornography",
  "terrorism",
  "tobacco",
  "weapons",
] as const;
export type SensitiveTopic = (typeof SENSITIVE_TOPICS)[number];

export interface Subject {
  /** The text inside a sentence: "the missing trawler". */
  readonly name: string;
  readonly about: string;
  readonly topics?: readonly Topic[];
  readonly sensitive?: readonly SensitiveTopic[];
}

export interface Programme {
  readonly name: string;
  readonly slug: string;
  readonly publisher: string;
  readonly hosts: string;
  readonly summary: string;
  /** BCP-47 primary tags. Some episodes have those of `alsoIn` too. */
  readonly language: string;
  readonly alsoIn?: readonly string[];
  /** Apple's categories, as Megaphone stores them. */
  readonly categories: readonly string[];
  /** The topics of every episode; a subject may add others. */
  readonly topics: readonly Topic[];
  /** The number of its episodes among 400. */
  readonly share: number;
  readonly everyDays: number;
  readonly minutes: readonly [shortest: number, longest: number];
  /** The share of its episodes that are explicit, 0 to 1. */
  readonly explicit: number;
  /** The ISO countries in which it is not available. */
  readonly notIn: readonly string[];
  /** `{s}` is the subject inside a sentence, `{S}` at its beginning. */
  readonly titles: readonly string[];
  readonly subjects: readonly Subject[];
  readonly guests: readonly string[];
  /** `{guest}` is one of the guests. */
  readonly lines: readonly string[];
  readonly closings: readonly string[];
}

/** The countries in which the network offers its programmes. */
export const MARKETS = [
  "US",
  "GB",
  "IE",
  "CA",
  "AU",
  "SE",
  "NO",
  "DK",
  "FI",
  "DE",
  "AT",
  "CH",
  "NL",
  "FR",
  "ES",
  "IT",
  "JP",
  "MX",
  "BR",
  "PT",
  "KR",
  "SG",
  "IN",
  "SA",
] as const;

const COLD_FERRY: Programme = {
  name: "Cold Ferry",
  slug: "cold-ferry",
  publisher: "Harbourlight Audio",
  hosts: "Maren Quist and Deniz Aydin",
  summary:
    "Two reporters and a retired customs officer go back to the cases the coast never talked about. One harbour, one file, no easy endings.",
  language: "en",
  categories: ["True Crime", "Society & Culture"],
  topics: ["news-and-politics", "pop-culture"],
  share: 48,
  everyDays: 5,
  minutes: [34, 78],
  explicit: 0.45,
  notIn: [],
  titles: [
    "What the subgraphClient saw: {s}",
    "{S}, one year on",
    "The interview tapes: {s}",
    "Your letters about {s}",
    "Reopened: {s}",
    "{S} and the missing hour",
  ],
  subjects: [
    {
      name: "the Brackwater lighthouse",
      about: "The lamp burned all night, the logbook says it did not, and the keeper's boat was found tied up dry.",
      sensitive: ["crime-violence"],
    },
    {
      name: "the accountant of Leith",
      about:
        "Eleven harmless charities shared one bookkeeper, and one morning his desk was the only thing left of them.",
      topics: ["business-and-finance"],
      sensitive: ["crime-violence", "gambling"],
    },
    {
      name: "the missing trawler",
      about: "A crew of five radioed that they were turning back, and nobody ever worked out from where.",
    },
    {
      name: "the Salt Street fire",
      about: "Everybody on Salt Street knew whose matches they were. The court wanted something better than everybody.",
      sensitive: ["crime-violence"],
    },
    {
      name: "the courier with two names",
      about: "He delivered parcels to the same island for nine years, and every one of them was the same weight.",
      sensitive: ["drugs", "crime-violence"],
    },
    {
      name: "the armoury at Kolv",
      about: "Forty rifles were signed out for a parade that was never held. Thirty-nine came back.",
      sensitive: ["weapons", "crime-violence"],
    },
    {
      name: "the poisoned orchard",
      about: "Two families, one hedge, and an autumn in which every apple on the north side turned black.",
      topics: ["home-and-garden"],
      sensitive: ["crime-violence"],
    },
    {
      name: "the ferry that waited",
      about: "The last boat left fourteen minutes late, and one passenger has never said whom it waited for.",
      topics: ["travel"],
    },
  ],
  guests: [
    "retired customs officer Halvor Brekke",
    "forensic botanist Dr Imani Osei",
    "court reporter Lorna Kerr",
    "maritime lawyer Pauline Strand",
    "cold-case detective Joost de Wit",
  ],
  lines: [
    "With {guest}.",
    "{guest} reads the file again, page by page.",
    "Recorded on the quay with {guest}, in the wind.",
  ],
  closings: [
    "Some listeners may find parts of this episode distressing.",
    "If you know something, the address is in the show notes.",
    "Names have been changed where the families asked for it.",
  ],
};

const SUMS_AT_THE_SINK: Programme = {
  name: "Sums at the Sink",
  slug: "sums-at-the-sink",
  publisher: "Plain Ledger Media",
  hosts: "Ruth Adeyemi and Colm Farrell",
  summary: "Money as it turns up in a kitchen: bills, wages, pensions and the odd scandal, worked out with a pencil.",
  language: "en",
  categories: ["Business", "Investing"],
  topics: ["personal-finance"],
  share: 44,
  everyDays: 7,
  minutes: [22, 46],
  explicit: 0.02,
  notIn: [],
  titles: [
    "{S}, explained on the back of an envelope",
    "Who really pays for {s}?",
    "What {s} did to one family's month",
    "Ten years of {s}",
    "The case against worrying about {s}",
    "Answering your post: {s}",
  ],
  subjects: [
    {
      name: "sticky inflation",
      about:
        "Prices have stopped galloping and refuse to sit down. We follow one basket of shopping through three years.",
      topics: ["shopping", "news-and-politics"],
    },
    {
      name: "the first pension",
      about: "You are twenty-six, the form is nine pages long, and the box that matters is on page seven.",
      topics: ["careers"],
    },
    {
      name: "the price of olive oil",
      about: "A dry spring in Jaén, a wet one in Puglia, and why your frying pan noticed both.",
      topics: ["food-and-drink", "shopping"],
    },
    {
      name: "buy now, pay later",
      about: "Four easy payments, three different apps and one letter that arrives on a Saturday.",
      topics: ["shopping", "technology-and-computing"],
    },
    {
      name: "the betting app budget",
      about: "The apps let you set a limit. We asked who sets it, who raises it and who never opens that menu.",
      topics: ["sports"],
      sensitive: ["gambling"],
    },
    {
      name: "the thirty-year mortgage",
      about: "It was meant to be boring. We ask a broker, a builder and a couple in Cork when it stopped being that.",
      topics: ["real-estate", "home-and-garden"],
    },
    {
      name: "the tax on cigarettes",
      about: "A tax that works loses money, and every finance minister knows it.",
      topics: ["healthy-living", "news-and-politics"],
      sensitive: ["tobacco"],
    },
    {
      name: "the second-hand car",
      about: "Why a six-year-old hatchback cost more last spring than it did when it was new.",
      topics: ["automotive"],
    },
  ],
  guests: [
    "debt adviser Siobhán Wray",
    "economist Professor Tunde Balogun",
    "pensions lawyer Elke Brandt",
    "market trader Nasreen Malik",
    "former regulator Hugh Pemberton",
  ],
  lines: [
    "{guest} brings the numbers and a biscuit tin.",
    "We do the sums with {guest}.",
    "This week at the table: {guest}.",
  ],
  closings: [
    "Nothing here is financial advice; it is arithmetic.",
    "The spreadsheet is linked in the notes.",
    "Send us your worst letter from a bank.",
  ],
};

const ADDED_TIME: Programme = {
  name: "Added Time on Tuesday",
  slug: "added-time-on-tuesday",
  publisher: "Touchline Works",
  hosts: "Jamal Whitaker and Fiona McGarry",
  summary:
    "The football week after everybody has calmed down: the money, the boots, the buses and what fans sing on them.",
  language: "en",
  categories: ["Sports", "Football"],
  topics: ["sports"],
  share: 42,
  everyDays: 7,
  minutes: [41, 82],
  explicit: 0.3,
  notIn: ["FR"],
  titles: [
    "{S}: who blinked first",
    "A fair hearing for {s}",
    "Ninety minutes on {s}",
    "{S}, told by the away end",
    "Why nobody can fix {s}",
    "The last word on {s}",
  ],
  subjects: [
    {
      name: "the relegation clause",
      about: "One line on page forty of a sponsorship deal, and a club that would have been cheaper to lose.",
      topics: ["business-and-finance"],
    },
    {
      name: "the beer in the stands",
      about: "Cup or no cup, on the terrace or under it: the rule that changes at every border.",
      topics: ["food-and-drink"],
      sensitive: ["alcohol"],
    },
    {
      name: "the shirt with a bookmaker on it",
      about: "Eleven clubs, nine betting sponsors and a voluntary ban with an opening date two seasons away.",
      topics: ["style-and-fashion", "business-and-finance"],
      sensitive: ["gambling"],
    },
    {
      name: "the chant that got a stand closed",
      about: "What was sung, who heard it, and whether an empty stand has ever taught anybody anything.",
      sensitive: ["hate-speech"],
    },
    {
      name: "the hamstring epidemic",
      about: "More matches, harder pitches and a muscle that did not sign up for either.",
      topics: ["medical-health", "healthy-living"],
    },
    {
      name: "the academy that lets them go",
      about: "Four in a hundred get a contract. We met six of the other ninety-six.",
      topics: ["education", "careers"],
    },
    {
      name: "the offside computer",
      about: "Twelve cameras, one armpit and a forty-second silence in front of sixty thousand people.",
      topics: ["technology-and-computing"],
    },
  ],
  guests: [
    "former goalkeeper Anneli Savolainen",
    "club doctor Rafael Peixoto",
    "supporters' trust chair Bernie Doyle",
    "kit designer Yuki Tanabe",
    "referee assessor Graham Tull",
  ],
  lines: [
    "{guest} was there and kept the programme.",
    "{guest} joins from a very loud car park.",
    "{guest} disagrees with both of us.",
  ],
  closings: [
    "Contains strong language from row F.",
    "New episodes every Tuesday, cup weeks excepted.",
    "The league table of pies returns next month.",
  ],
};

const PATIENT_GLASS: Programme = {
  name: "The Patient Glass",
  slug: "the-patient-glass",
  publisher: "Orchard & Cask",
  hosts: "Clémence Aubry and Theo Hartnell",
  summary:
    "Slow drinks and the people who make them, from cider barns to coffee hills. Half a travel show, half a tasting.",
  language: "en",
  alsoIn: ["fr"],
  categories: ["Arts", "Food"],
  topics: ["food-and-drink"],
  share: 40,
  everyDays: 7,
  minutes: [28, 55],
  explicit: 0,
  notIn: ["NO", "SE"],
  titles: [
    "Tasting {s} blind",
    "{S}, from the field to the table",
    "Three honest opinions on {s}",
    "The family behind {s}",
    "What to eat with {s}",
    "{S} in a bad year",
  ],
  subjects: [
    {
      name: "keeved cider",
      about: "A jelly floats up, the yeast goes hungry, and what is left tastes of October.",
      topics: ["home-and-garden"],
      sensitive: ["alcohol"],
    },
    {
      name: "Jura's yellow wine",
      about: "Six years under a veil of yeast in a cellar nobody is allowed to tidy.",
      topics: ["travel"],
      sensitive: ["alcohol"],
    },
    {
      name: "island whisky",
      about: "Peat, patience and a distillery cat with her own pension.",
      topics: ["travel", "pets"],
      sensitive: ["alcohol"],
    },
    {
      name: "high-grown coffee",
      about: "Two thousand metres up, a picker earns by the kilo and the kilo is getting lighter.",
      topics: ["science"],
    },
    {
      name: "alcohol-free stout",
      about: "Take away the one thing it was famous for and see who still orders it.",
      topics: ["healthy-living"],
      sensitive: ["alcohol"],
    },
    {
      name: "jasmine tea",
      about: "The flowers open after dark, so the factory works nights.",
      topics: ["travel", "healthy-living"],
    },
    {
      name: "monastery beer",
      about: "Eleven monks, one kettle and a waiting list they pretend not to know about.",
      topics: ["religion-and-spirituality", "travel"],
      sensitive: ["alcohol"],
    },
  ],
  guests: [
    "orchardist Wilf Penhallow",
    "sommelier Aïcha Benali",
    "brewer Brother Lukas",
    "coffee buyer Mercy Wanjiru",
    "cooper Stellan Fors",
  ],
  lines: [
    "{guest} pours.",
    "We visit {guest} and are made to work for it.",
    "{guest} explains, and then opens the better bottle.",
  ],
  closings: [
    "Where there is alcohol in the glass, this one is for adults: drink slowly or not at all.",
    "The list of what we tasted is in the notes.",
    "Next week we stay at home and drink water.",
  ],
};

const PACKET_LOSS: Programme = {
  name: "Packet Loss",
  slug: "packet-loss",
  publisher: "Copper & Glass",
  hosts: "Oyelaran Davies and Greta Lind",
  summary:
    "Outages, odd machines and the people who get called at three in the morning. Technology, told as detective stories.",
  language: "en",
  categories: ["Technology", "Science"],
  topics: ["technology-and-computing"],
  share: 38,
  everyDays: 7,
  minutes: [31, 64],
  explicit: 0.08,
  notIn: [],
  titles: [
    "Post-mortem: {s}",
    "{S}, and who was on call",
    "How we almost lost {s}",
    "The cheapest fix for {s}",
    "Everything we got wrong about {s}",
    "{S} for people in a hurry",
  ],
  subjects: [
    {
      name: "the leap second",
      about: "One extra second at midnight, and a payment network that lived through it twice.",
      topics: ["science"],
    },
    {
      name: "the undersea cable",
      about: "A trawler, an anchor and an island that went back to fax for eleven days.",
      topics: ["travel", "news-and-politics"],
    },
    {
      name: "the ransomware call",
      about: "A hospital, a timer on a screen and a negotiator who had done this forty times.",
      topics: ["medical-health"],
      sensitive: ["crime-violence"],
    },
    {
      name: "the printable gun",
      about: "A file that cannot be recalled, and the three lawyers who tried.",
      topics: ["news-and-politics"],
      sensitive: ["weapons"],
    },
    {
      name: "the loot box maths",
      about: "We bought four hundred of them and drew the curve the publisher would not.",
      topics: ["video-gaming"],
      sensitive: ["gambling"],
    },
    {
      name: "the self-parking car",
      about: "It parked perfectly. It parked perfectly again, across the same two spaces, every day for a month.",
      topics: ["automotive"],
    },
    {
      name: "the moderation queue",
      about: "Nine seconds a post, six hundred posts a shift: the people who look so that you do not have to.",
      topics: ["careers"],
      sensitive: ["hate-speech", "terrorism"],
    },
  ],
  guests: [
    "site reliability engineer Priya Raman",
    "cable-ship captain Olaf Nygaard",
    "incident responder Tom Achterberg",
    "security researcher Lena Hoffmann",
    "statistician Dr Kwame Boateng",
  ],
  lines: [
    "{guest} kept the logs.",
    "{guest} walks us through the timeline.",
    "With {guest}, who would like it noted that the alert was muted.",
  ],
  closings: [
    "The full timeline is in the show notes.",
    "No pager was harmed in the making of this episode.",
    "Tell us about your own three in the morning.",
  ],
};

const WARD_SEVEN: Programme = {
  name: "Ward Seven",
  slug: "ward-seven",
  publisher: "St Brannock Media",
  hosts: "Dr Helen Achebe and nurse Patrick Lowe",
  summary: "A doctor and a nurse compare notes after the shift: what the evidence says, and what the patient said.",
  language: "en",
  categories: ["Health & Fitness", "Medicine"],
  topics: ["medical-health", "healthy-living"],
  share: 36,
  everyDays: 7,
  minutes: [18, 44],
  explicit: 0.05,
  notIn: [],
  titles: [
    "{S}: what we tell our own families",
    "The evidence on {s}",
    "{S} at three in the morning",
    "Myths we still hear about {s}",
    "When to call somebody about {s}",
    "A short history of {s}",
  ],
  subjects: [
    {
      name: "broken sleep",
      about: "Four hours, then the ceiling. What helps, what sells, and why those are two lists.",
    },
    {
      name: "the opioid taper",
      about: "Coming off is slower than going on, and the leaflet is no help with either.",
      sensitive: ["drugs"],
    },
    {
      name: "vaping in the school toilets",
      about: "The detectors went in, the flavours changed, and a form teacher from Hull had a better idea.",
      topics: ["education", "family-and-relationships"],
      sensitive: ["tobacco"],
    },
    {
      name: "the dry month",
      about: "What four weeks without a drink does to a liver, a marriage and a Friday.",
      topics: ["family-and-relationships"],
      sensitive: ["alcohol"],
    },
    {
      name: "back pain",
      about: "The scan rarely shows it, the walk usually helps, and nobody wants to hear either.",
    },
    {
      name: "the new weight-loss injections",
      about: "They work, they run out, and the waiting room has opinions.",
      topics: ["news-and-politics"],
    },
  ],
  guests: [
    "pain specialist Dr Marisol Vega",
    "pharmacist Adeel Hussain",
    "sleep scientist Professor Ingrid Moe",
    "school nurse Tracey Bell",
    "hepatologist Dr Samuel Ofori",
  ],
  lines: [
    "{guest} answers what we could not.",
    "We compare notes with {guest}.",
    "{guest} brings the trial and reads the small print.",
  ],
  closings: [
    "This is a conversation, not a consultation: please ask your own doctor.",
    "Sources are in the notes, with the bits we skipped.",
    "If you need help now, the numbers are at the top of the notes.",
  ],
};

const MINUTES_OF_THE_MEETING: Programme = {
  name: "Minutes of the Meeting",
  slug: "minutes-of-the-meeting",
  publisher: "Corridor Press",
  hosts: "Anil Bhatt and Josephine Carrow",
  summary:
    "Politics from the rooms without cameras: committees, clerks and the sentence that was struck out before the vote.",
  language: "en",
  categories: ["News", "Politics"],
  topics: ["news-and-politics"],
  share: 34,
  everyDays: 3,
  minutes: [8, 38],
  explicit: 0.04,
  notIn: [],
  titles: [
    "The vote on {s}",
    "{S}: who wrote the amendment",
    "Inside the committee on {s}",
    "{S}, a week later",
    "What the minister meant by {s}",
    "The lobby against {s}",
  ],
  subjects: [
    {
      name: "the arms export list",
      about: "A country is on it on Monday and off it on Thursday. We found the Wednesday.",
      sensitive: ["weapons"],
    },
    {
      name: "the counter-terrorism bill",
      about: "Clause nine says reasonable. The committee spent six hours on that word.",
      sensitive: ["terrorism", "crime-violence"],
    },
    {
      name: "age checks on adult sites",
      about: "Everybody wants the door. Nobody wants to be the one who keeps the list of who came in.",
      topics: ["technology-and-computing", "family-and-relationships"],
      sensitive: ["pornography"],
    },
    {
      name: "the drug consumption room",
      about: "A pilot in one city, a promise in another and a press release that was drafted before the figures.",
      topics: ["medical-health"],
      sensitive: ["drugs"],
    },
    {
      name: "the harbour bridge",
      about: "Cheap, quick or high enough for the ships: they chose two and found out which.",
      topics: ["travel", "real-estate"],
    },
    {
      name: "the teachers' settlement",
      about: "Nine months, three mediators and a figure that was on the table in the first week.",
      topics: ["education", "careers"],
    },
  ],
  guests: [
    "former clerk Dame Rosalind Peake",
    "campaigner Idris Hakimi",
    "constitutional scholar Dr Beatrix Lamm",
    "lobby correspondent Neil Gough",
    "council leader Parveen Sandhu",
  ],
  lines: ["{guest} kept a diary.", "{guest} explains the order paper.", "With {guest}, on the record at last."],
  closings: [
    "Transcripts go up with every episode that has one.",
    "Corrections are read out first, as always.",
    "We asked the department for a comment and print its answer in full.",
  ],
};

const LATE_CHECKOUT: Programme = {
  name: "Late Checkout Club",
  slug: "late-checkout-club",
  publisher: "Do Not Disturb Productions",
  hosts: "Kit Mbeki and Saoirse Nolan",
  summary:
    "Two comedians, one hotel room, a guest and whatever is in the minibar. Loud, rude and oddly well travelled.",
  language: "en",
  categories: ["Comedy", "Leisure"],
  topics: ["pop-culture", "travel"],
  share: 32,
  everyDays: 7,
  minutes: [52, 118],
  explicit: 0.9,
  notIn: [],
  titles: [
    "{S}, ranked by two people who should know",
    "We tried {s} so you do not have to",
    "A complaint about {s}",
    "{S}: the director's cut",
    "Room 412 and {s}",
    "Never again: {s}",
  ],
  subjects: [
    {
      name: "the stag weekend in Riga",
      about: "Twelve men, one pedal bar and a statue that had done nothing to anybody.",
      topics: ["events-and-attractions"],
      sensitive: ["alcohol"],
    },
    {
      name: "the casino buffet",
      about: "All you can eat, all you can lose, and a carpet designed by somebody who hates floors.",
      topics: ["food-and-drink"],
      sensitive: ["gambling"],
    },
    {
      name: "the festival portaloo",
      about: "A four-day weekend, told entirely through plumbing.",
      topics: ["events-and-attractions", "music-and-audio"],
      sensitive: ["drugs"],
    },
    {
      name: "the cruise talent show",
      about: "Seven decks, one ventriloquist and a standing ovation that was mostly the swell.",
      topics: ["television", "events-and-attractions"],
    },
    {
      name: "the airport wedding",
      about: "They met at gate nine. They married at gate nine. The flight was delayed for both.",
      topics: ["family-and-relationships", "style-and-fashion"],
    },
    {
      name: "the cigar lounge",
      about: "Leather chairs, enormous men and one of us being very sick in a plant.",
      sensitive: ["tobacco", "alcohol"],
    },
  ],
  guests: [
    "comedian Bola Adigun",
    "night porter Gianluca Sarti",
    "drag artist Miss Demeanour",
    "flight attendant Kirsty Yuen",
    "former child star Dex Holloway",
  ],
  lines: [
    "{guest} got in without a key.",
    "{guest} has a story that our lawyers have now heard twice.",
    "With {guest}, who is billing us for the robe.",
  ],
  closings: [
    "Very strong language throughout.",
    "Live dates are in the notes; bring your own towel.",
    "Not for the school run.",
  ],
};

const WERKBANK: Programme = {
  name: "Werkbank und Wäscheleine",
  slug: "werkbank-und-waescheleine",
  publisher: "Hinterhof Audio",
  hosts: "Jette Brömmer und Cem Yıldız",
  summary: "Reparieren statt wegwerfen: ein Tischler und eine Schneiderin über Holz, Stoff, Garten und gute Fehler.",
  language: "de",
  categories: ["Leisure", "Hobbies"],
  topics: ["hobbies-and-interests", "home-and-garden"],
  share: 28,
  everyDays: 14,
  minutes: [25, 58],
  explicit: 0,
  notIn: ["BR", "MX"],
  titles: [
    "{S}: der erste Versuch",
    "{S} für Ungeduldige",
    "Eure Fragen: {s}",
    "{S} und was wir daran falsch machen",
    "Zu Besuch: {s}",
    "{S} unter zwanzig Euro",
  ],
  subjects: [
    {
      name: "die wacklige Kommode",
      about: "Drei Beine halten immer, vier nie. Wir leimen, fluchen leise und messen zweimal.",
    },
    {
      name: "der Kompost im Winter",
      about: "Er dampft, er fault, er schläft: was im Januar in den Haufen darf und was nicht.",
      topics: ["science"],
    },
    {
      name: "die alte Nähmaschine",
      about: "Baujahr 1954, ein Tropfen Öl, und sie näht Segeltuch wie Seide.",
      topics: ["style-and-fashion"],
    },
    {
      name: "das Hochbeet auf dem Balkon",
      about: "Wie viel Erde hält ein Balkon aus? Eine Statikerin hat nachgerechnet.",
      topics: ["real-estate"],
    },
    {
      name: "der selbst gebrannte Obstler",
      about: "Zwetschgen, Zoll und ein Kupferkessel mit Geschichte.",
      topics: ["food-and-drink"],
      sensitive: ["alcohol"],
    },
  ],
  guests: [
    "Restauratorin Wiebke Thomsen",
    "Statikerin Dr. Aylin Koç",
    "Gärtnermeister Alfons Huber",
    "Maßschneider Emeka Obi",
  ],
  lines: ["Mit {guest}.", "{guest} schaut uns auf die Finger.", "{guest} bringt Werkzeug und Widerspruch mit."],
  closings: [
    "Bauplan und Materialliste stehen in den Notizen.",
    "Schickt uns eure schönsten Fehler.",
    "Handschuhe an, dann los.",
  ],
};

const SOBREMESA: Programme = {
  name: "Sobremesa Eterna",
  slug: "sobremesa-eterna",
  publisher: "Radio Patio",
  hosts: "Inés Cordero y Álvaro Reyes",
  summary: "Música, cine y barrio contados después del postre, cuando ya nadie tiene prisa por levantarse de la mesa.",
  language: "es",
  categories: ["Music", "TV & Film"],
  topics: ["music-and-audio", "pop-culture"],
  share: 24,
  everyDays: 7,
  minutes: [35, 90],
  explicit: 0.2,
  notIn: ["FI"],
  titles: [
    "{S}: la historia completa",
    "Volver a {s}",
    "Lo que no se contó de {s}",
    "Carta abierta sobre {s}",
    "{S}, canción por canción",
    "Una noche con {s}",
  ],
  subjects: [
    {
      name: "la última sala de cumbia",
      about: "Cuarenta años de baile en un sótano de Monterrey y una orden de cierre que nadie firmó.",
      topics: ["events-and-attractions"],
      sensitive: ["alcohol"],
    },
    {
      name: "los corridos prohibidos",
      about: "Del salón a la lista negra: quién los escribe, quién los paga y quién los teme.",
      topics: ["news-and-politics"],
      sensitive: ["crime-violence", "drugs"],
    },
    {
      name: "aquel cine de verano",
      about: "Sillas de tijera, pipas y una pantalla que todavía huele a jazmín.",
      topics: ["movies"],
    },
    {
      name: "las guitarras de Paracho",
      about: "Un pueblo entero trabaja la madera, y cada casa jura que la suya suena mejor.",
      topics: ["travel", "fine-art"],
    },
  ],
  guests: [
    "la cantautora Lucía Beltrán",
    "el lutier Evaristo Hinojosa",
    "la historiadora Nerea Ibarra",
    "el proyeccionista Paco Montes",
  ],
  lines: [
    "Nos acompaña {guest}.",
    "Conversamos con {guest} hasta que se enfría el café.",
    "Con {guest} y una caja de vinilos.",
  ],
  closings: [
    "La lista de canciones está en las notas.",
    "Gracias por quedarse a la sobremesa.",
    "Grabado en directo, con platos de fondo.",
  ],
};

const TYST_KUPE: Programme = {
  name: "Tyst kupé",
  slug: "tyst-kupe",
  publisher: "Perrong 9",
  hosts: "Alva Sjöström och Henrik Demir",
  summary: "En bok, en tågsträcka och en gäst som läst klart. Lågmält för dig som pendlar eller borde sova.",
  language: "sv",
  alsoIn: ["en"],
  categories: ["Arts", "Books"],
  topics: ["books-and-literature"],
  share: 18,
  everyDays: 14,
  minutes: [20, 41],
  explicit: 0,
  notIn: [],
  titles: [
    "{S}, läst mellan två stationer",
    "Vi läser om {s}",
    "{S} och det som ströks",
    "Lyssnarnas brev om {s}",
    "{S} på en regnig tisdag",
    "Slutet på {s}",
  ],
  subjects: [
    {
      name: "den försvunna följetongen",
      about: "Den gick i tidningen i tre år. Sista delen trycktes aldrig, men någon har sparat korrekturet.",
    },
    {
      name: "fyrvaktarens dagbok",
      about: "Väder, ensamhet och en katt som heter Kommendören.",
      topics: ["pets", "travel"],
    },
    {
      name: "brännvinsvisorna",
      about: "Hundra år av snapsvisor, och varför de tråkigaste är de som överlever.",
      topics: ["music-and-audio", "food-and-drink"],
      sensitive: ["alcohol"],
    },
    {
      name: "kokboken från Kiruna",
      about: "Ransonering, renkött och marginalanteckningar i fyra olika handstilar.",
      topics: ["food-and-drink", "family-and-relationships"],
    },
  ],
  guests: [
    "översättaren Nadja Lindqvist",
    "bibliotekarien Torbjörn Ek",
    "poeten Samira Haddad",
    "lokföraren Gun Persson",
  ],
  lines: ["Med {guest}.", "{guest} har läst två gånger och somnat en.", "{guest} stiger på i Hallsberg."],
  closings: ["Läslistan finns i avsnittsbeskrivningen.", "Nästa avgång om två veckor.", "Tack för att ni är tysta."],
};

const FASE_BONUS: Programme = {
  name: "Fase Bônus",
  slug: "fase-bonus",
  publisher: "Estúdio Garoa",
  hosts: "Bia Nakamura e Rui Tavares",
  summary: "Jogos, séries e a conta de luz: um podcast sobre o que a gente joga, assiste e finge que já terminou.",
  language: "pt",
  categories: ["Leisure", "Video Games"],
  topics: ["video-gaming", "television"],
  share: 16,
  everyDays: 10,
  minutes: [45, 180],
  explicit: 0.35,
  notIn: ["DE", "AT"],
  titles: [
    "{S}: vale a pena em pleno domingo?",
    "{S}: o final, sem pressa",
    "Dez horas com {s}",
    "{S}, o que mudou",
    "{S}: os bastidores",
    "Defendendo {s}",
  ],
  subjects: [
    {
      name: "o fliperama da rodoviária",
      about: "Ficha, fila e um recorde que ninguém bate desde 1997.",
      topics: ["events-and-attractions"],
    },
    {
      name: "a novela que virou jogo",
      about: "Quatro finais, um vilão de bigode e a fúria das nossas mães.",
      topics: ["family-and-relationships"],
    },
    {
      name: "o jogo das raspadinhas",
      about: "Parece brinquedo, cobra como aposta: abrimos o código e as planilhas.",
      topics: ["technology-and-computing"],
      sensitive: ["gambling"],
    },
    {
      name: "a guerra em primeira pessoa",
      about: "Conversamos com quem anima os tiros e com quem não consegue mais ouvi-los.",
      topics: ["movies"],
      sensitive: ["weapons", "crime-violence"],
    },
  ],
  guests: [
    "a roteirista Camila Duarte",
    "o programador Jonas Pires",
    "a pesquisadora Dra. Thaís Moura",
    "o narrador Zeca Amaral",
  ],
  lines: ["Com {guest}.", "{guest} zerou antes de todo mundo.", "{guest} veio brigar com a gente."],
  closings: [
    "Sem spoilers até o minuto trinta.",
    "Os links estão na descrição.",
    "Episódio gravado com chuva no telhado.",
  ],
};

/** Their shares add up to 400. */
export const PROGRAMMES: readonly Programme[] = [
  COLD_FERRY,
  SUMS_AT_THE_SINK,
  ADDED_TIME,
  PATIENT_GLASS,
  PACKET_LOSS,
  WARD_SEVEN,
  MINUTES_OF_THE_MEETING,
  LATE_CHECKOUT,
  WERKBANK,
  SOBREMESA,
  TYST_KUPE,
  FASE_BONUS,
];

/** The names of a programme's second, third, … show. */
export const SPIN_OFFS = [
  "Extra",
  "After Hours",
  "Weekend",
  "Archive",
  "Live",
  "Shorts",
  "Uncut",
  "Morning",
  "Summer",
  "Winter",
  "On Tour",
  "Classics",
] as const;
