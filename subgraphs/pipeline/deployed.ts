/**
 * Which of the models that the decision service lists is the one that a table describes?
 *
 * The one with its key. Where several namespaces have the key, the configured one counts, else that of the table; where
 * that leaves no single one, none does: another model's version would be taken for ours. A namespace is named by its name
 * or its id, and an id is the same in every spelling.
 */
import type { Table } from "./table/table.ts";

export interface ListedModel {
  readonly key: string;
  /** undefined where it cannot be read. */
  readonly version: number | undefined;
  /** Every name and id that is stated for its namespace. */
  readonly namespace?: readonly string[] | undefined;
  /** What of it cannot be read. */
  readonly problem?: string | undefined;
}

export type Deployed =
  | { readonly state: "running"; readonly version: number }
  | { readonly state: "not deployed" }
  | { readonly state: "malformed" | "ambiguous"; readonly seen: readonly Seen[] };

/** What was listed for a key, for the log. */
export interface Seen {
  readonly namespace: string;
  readonly version?: number | undefined;
  readonly problem?: string | undefined;
}

/** `namespace` is the configured one, by name or id. */
export function deployedOf(
  { key, namespace: own }: Pick<Table, "key" | "namespace">,
  listed: readonly ListedModel[],
  namespace: string | undefined,
): Deployed {
  const candidates = listed.filter((model) => model.key === key).toSorted(byNamespace);
  const groups = [...Map.groupBy(candidates, spellingOf).values()];
  const [first, ...others] = groups;
  if (!first) return { state: "not deployed" };
  const models = others.length === 0 ? first : (only(groups, namespace ?? own) ?? []);
  if (models.length === 0) return { state: "ambiguous", seen: candidates.slice(0, MAX_SEEN).map(asSeen) };
  const versions = models.map(({ version }) => version);
  // The one that cannot be read may be the newest.
  if (!versions.every((version) => version !== undefined)) {
    return { state: "malformed", seen: models.slice(0, MAX_SEEN).map(asSeen) };
  }
  return { state: "running", version: Math.max(...versions) };
}

/** Models, and characters of a namespace, in the log. */
const MAX_SEEN = 10;
const MAX_SHOWN = 200;

function only(groups: readonly (readonly ListedModel[])[], wanted: string): readonly ListedModel[] | undefined {
  const spelling = normalise(wanted);
  const found = groups.filter(([model]) => namesOf(model).includes(spelling));
  return found.length === 1 ? found[0] : undefined;
}

/** Stable, whatever the order of the list: an order is no change. */
function byNamespace(left: ListedModel, right: ListedModel): number {
  const [first, second] = [spellingOf(left), spellingOf(right)];
  return first === second ? (left.version ?? 0) - (right.version ?? 0) : first < second ? -1 : 1;
}

function spellingOf(model: ListedModel): string {
  return JSON.stringify(namesOf(model).toSorted());
}

function namesOf(model: ListedModel | undefined): readonly string[] {
  return [...new Set((model?.namespace ?? []).map(normalise))];
}

/** A UUID in lower case, without braces, dashes and prefix; a name as it is. */
function normalise(namespace: string): string {
  const digits = namespace
    .trim()
    .toLowerCase()
    .replace(/^urn:uuid:/, "")
    .replaceAll(/[{}()-]/g, "");
  return /^[\da-f]{32}$/.test(digits) ? digits : namespace.trim();
}

function asSeen({ namespace, version, problem }: ListedModel): Seen {
  return {
    namespace: namespace?.join(", ").slice(0, MAX_SHOWN) ?? "",
    ...(version !== undefined && { version }),
    ...(problem !== undefined && { problem }),
  };
}
