/** Which subjects do the mutations have? The first ones of each list of the graph. */
import { ask } from "../support/decibel.ts";

export interface Subjects {
  readonly campaigns: readonly string[];
  /** Published. */
  readonly episodes: readonly string[];
  /** Submitted, and allowed to be published by the rules. */
  readonly publishable: readonly string[];
  readonly locations: readonly string[];
  readonly listeners: readonly string[];
}

interface Node {
  readonly id: string;
  readonly publishing?: { readonly eligible: boolean } | null;
}

export async function subjectsOf(url: string): Promise<Subjects> {
  const nodes = async (list: string, more = ""): Promise<readonly Node[]> => {
    const { data, errors } = await ask<{ list: { nodes: readonly Node[] } }>(
      url,
      `{ list: ${list} { nodes { id ${more} } } }`,
    );
    if (errors.length > 0) throw new Error(errors[0]?.message);
    return data.list.nodes;
  };
  const ids = async (list: string): Promise<readonly string[]> => (await nodes(list)).map(({ id }) => id);
  const submitted = await nodes("episodes(first: 60, status: SUBMITTED)", "publishing { eligible }");
  return {
    campaigns: await ids("campaigns(first: 60)"),
    episodes: await ids("episodes(first: 5, status: PUBLISHED)"),
    publishable: submitted.filter(({ publishing }) => publishing?.eligible).map(({ id }) => id),
    locations: await ids("locations(first: 100)"),
    listeners: await ids("listeners(first: 200)"),
  };
}
