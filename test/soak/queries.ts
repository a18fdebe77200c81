/**
 * What might a client query? A few nodes of one to three lists, each with some of its decisions, for two campaigns. The
 * number of texts is bounded, as it is for real clients: cursors and page sizes are variables.
 */
import type { Random } from "../support/random.ts";

export interface RandomQuery {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The campaigns in its variables, by index: `placement0` is about the first. */
  readonly campaigns: readonly string[];
}

/** The cursors of each list. */
export type Cursors = Readonly<Record<ListName, readonly string[]>>;
export type ListName = keyof typeof FIELDS;

const DECISION = "{ verdict eligible origin reasons { code } }";
const FIELDS = {
  campaigns: [
    `targeting ${DECISION}`,
    `activation ${DECISION}`,
    `sponsorships(first: 2) { nodes { __typename id decision ${DECISION} } }`,
    `cases(first: 2) { nodes { __typename id routing ${DECISION} } }`,
  ],
  episodes: [
    `publishing ${DECISION}`,
    `placement0: placement(campaignId: $about0) ${DECISION}`,
    `placement1: placement(campaignId: $about1) ${DECISION}`,
  ],
  locations: [`playback ${DECISION}`, `playlistRequests(first: 2) { nodes { __typename id decision ${DECISION} } }`],
  listeners: [
    `segments ${DECISION}`,
    `lead ${DECISION}`,
    `activation0: activation(campaignId: $about0) ${DECISION}`,
    `activation1: activation(campaignId: $about1) ${DECISION}`,
  ],
} as const;
const LISTS: readonly ListName[] = ["campaigns", "episodes", "locations", "listeners"];
const MAX_NODES = 5;
const SHAPES = 300;

/** Returns a generator of random queries. */
export function createQueries(random: Random, cursors: Cursors, campaigns: readonly string[]): () => RandomQuery {
  const shapes = Array.from({ length: SHAPES }, () => randomShape(random));

  return () => {
    const { text, variables } = random.pick(shapes);
    const about = [random.pick(campaigns), random.pick(campaigns)];
    const valueOf = (name: string): unknown => {
      const list = LISTS.find((known) => name.startsWith(known));
      if (list === undefined) return about[Number(name.slice(-1))];
      if (name.endsWith("First")) return random.integer(1, MAX_NODES);
      return random.isLucky(0.1) ? null : random.pick(cursors[list]);
    };
    return { text, variables: Object.fromEntries(variables.map((name) => [name, valueOf(name)])), campaigns: about };
  };
}

interface Shape {
  readonly text: string;
  readonly variables: readonly string[];
}

function randomShape(random: Random): Shape {
  const chosen = some(random, LISTS).slice(0, 3);
  const lists = chosen.map((list) => {
    const fields = some(random, FIELDS[list]).join(" ");
    return `${list}(first: $${list}First, after: $${list}After) { nodes { __typename id ${fields} } }`;
  });
  const body = lists.join(" ");
  const variables = [...new Set(Array.from(body.matchAll(/\$(\w+)/g), ([, name = ""]) => name))];
  const declared = variables.map((name) => `$${name}: ${typeOf(name)}`);
  return { text: `query (${declared.join(", ")}) { ${body} }`, variables };
}

function typeOf(variable: string): string {
  if (variable.endsWith("First")) return "Int";
  return variable.endsWith("After") ? "String" : "ID!";
}

/** At least one, in the given order. */
function some<Item>(random: Random, items: readonly Item[]): readonly Item[] {
  const chosen = items.filter(() => random.isLucky(0.5));
  return chosen.length > 0 ? chosen : [random.pick(items)];
}
