/** What the episodes subgraph knows of episodes, and what is left of it where the Web API does not answer. */
// Before any decorator runs.
import "reflect-metadata";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { episodeId } from "../../schema/id.ts";
import { episodeServices } from "../../subgraphs/episodes/index.ts";
import { toEpisode } from "../../subgraphs/episodes/services.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import type { WorldEpisode } from "../../subgraphs/sandbox/world/episode.ts";
import { createMegaphone } from "../../subgraphs/sources/megaphone/client.ts";
import { EpisodeReply } from "../../subgraphs/sources/megaphone/replies.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";

interface Page {
  readonly episodes: { readonly nodes: readonly Node[] };
}
interface Node {
  readonly id: string;
  readonly status: string;
  readonly explicit: boolean;
  readonly languages: readonly string[];
  readonly publishing: { readonly verdict: string } | null;
}

const world = createWorld({ scale: 1, now: new Date(NOW) }).episodes;
const byId = new Map(world.episodes.map((episode) => [episodeId.encode(episode.podcastId, episode.id), episode]));
const submissions = new Map(world.profiles.map(({ episodeId: id, submission }) => [id, submission]));

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
  // Buys the token: who sells it is another upstream, and does not fail.
  await listed("id explicit");
});
afterEach(() => graph.sandbox("spotify-web").behave());
afterAll(() => graph.stop());

function listed(fields: string): Promise<Answer<Page>> {
  return graph.part("episodes").query(`{ episodes(first: 150) { nodes { ${fields} } } }`);
}
function known(id: string): WorldEpisode {
  const episode = byId.get(id);
  if (!episode) throw new RangeError(`the world has no episode ${id}`);
  return episode;
}
const isOut = ({ status }: Node): boolean => status === "PUBLISHED";

describe("while the Web API answers", () => {
  it("the languages of a published episode are those it says, those of another what was handed in", async () => {
    const { data, errors } = await listed("id status explicit languages");
    expect(errors).toEqual([]);
    expect(data.episodes.nodes.map(({ explicit, languages }) => ({ explicit, languages }))).toEqual(
      data.episodes.nodes.map((node) => {
        const { id, explicit, languages } = known(node.id);
        return {
          explicit: explicit === "yes",
          languages: isOut(node) ? languages : (submissions.get(id)?.languages ?? []),
        };
      }),
    );
  });
});

describe("while the Web API fails", () => {
  it("what is not published yet is still decided, in one batch; what is published is an error of its own", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const before = graph.logged.length;
    const { data, errors } = await listed("id status publishing { verdict }");
    const { nodes } = data.episodes;
    const out = nodes.flatMap((node, index) => (isOut(node) ? [index] : []));
    expect(new Set(nodes.map(({ status }) => status))).toEqual(
      new Set(["PUBLISHED", "SCHEDULED", "SUBMITTED", "DRAFT"]),
    );
    expect(nodes.map(({ publishing }) => publishing === null)).toEqual(nodes.map(isOut));
    expect(errors.map(({ path }) => path?.[2])).toEqual(out);
    expect(new Set(errors.map(({ extensions }) => extensions["code"]))).toEqual(new Set(["UPSTREAM_UNAVAILABLE"]));
    expect(graph.logged.slice(before).filter(({ msg }) => msg?.startsWith("decided"))).toHaveLength(1);
  });

  it("clients read what Megaphone and the makers say of an episode: whether it is explicit, its languages", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const before = graph.logged.length;
    const { data, errors } = await listed("id explicit languages");
    expect(errors).toEqual([]);
    expect(data.episodes.nodes).toEqual(
      data.episodes.nodes.map(({ id }) => ({
        id,
        explicit: known(id).explicit === "yes",
        languages: submissions.get(known(id).id)?.languages ?? [],
      })),
    );
    expect(new Set(data.episodes.nodes.map(({ explicit }) => explicit))).toEqual(new Set([true, false]));
    const warned = graph.logged.slice(before).filter(({ level, upstream }) => level === 40 && upstream !== undefined);
    expect(warned).toMatchObject([
      { upstream: "spotify-web", failure: "STATUS", status: 500, msg: expect.stringContaining("answered 500") },
    ]);
  });

  it("the facts of an episode are still missing: nothing is decided from what is only shown", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const { nodes } = (await listed("id status")).data.episodes;
    const { id } = nodes.find(isOut) ?? {};
    const { entities, errors } = await graph
      .part("episodes")
      .entities(
        [{ __typename: "Episode", id }],
        "... on Episode { explicit facts { explicit } publishing { verdict } }",
      );
    expect(entities).toEqual([
      { __typename: "Episode", explicit: known(id ?? "").explicit === "yes", facts: null, publishing: null },
    ]);
    expect(new Set(errors.map(({ path }) => path?.at(-1)))).toEqual(new Set(["facts", "publishing"]));
  });

  it("a bug is not taken for it: what is shown is an error then", async () => {
    const account = { baseUrl: "http://127.0.0.1:9/api", networkId: "sandbox", token: "sandbox" };
    const megaphone = createMegaphone(account);
    const bug = () => Promise.reject(new TypeError("a bug"));
    const { load } = episodeServices({
      megaphone,
      web: { episodes: bug, shows: bug, tracks: bug, ensurePlaylist: bug, close: async () => {} },
      records: {
        profiles: async (ids) => ids.map(() => undefined),
        publications: async (ids) => ids.map(() => undefined),
      },
      decide: bug,
      now: () => NOW,
    });
    const context = { requestId: "test", caller: "test", log: pino({ enabled: false }) };
    const source = { id: "e", podcastId: "p", title: "Known", draft: false, spotifyIdentifier: "0".repeat(22) };
    await expect(load(context).contentAttributes.load(toEpisode(EpisodeReply.parse(source)))).rejects.toThrow("a bug");
    await megaphone.close();
  });
});
