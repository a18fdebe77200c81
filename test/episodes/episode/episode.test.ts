/** What the episodes subgraph answers about episodes, with and without the Web API. */
// Before any decorator runs.
import "reflect-metadata";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { episodeId } from "../../../schema/id.ts";
import { episodeServices } from "../../../subgraphs/episodes/index.ts";
import { toEpisode } from "../../../subgraphs/episodes/services.ts";
import { backgroundContext } from "../../../subgraphs/platform/context.ts";
import { createWorld } from "../../../subgraphs/sandbox/world/world.ts";
import type { WorldEpisode } from "../../../subgraphs/sandbox/world/episode.ts";
import { createMegaphone } from "../../../subgraphs/sources/megaphone/client.ts";
import { EpisodeReply } from "../../../subgraphs/sources/megaphone/replies.ts";
import { createMegaphoneFacts } from "../../../subgraphs/sources/megaphone/facts.ts";
import { createWebFacts } from "../../../subgraphs/sources/spotify-web/facts.ts";
import { unkeptFacts } from "../../support/facts.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { Answer, TestDecibel } from "../../support/decibel.ts";
import { whole } from "../../support/whole.ts";
import { UNFILTERED } from "../../support/unused.ts";

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

const world = whole(createWorld({ scale: 1, now: new Date(NOW) })).episodes;
const byId = new Map(world.episodes.map((episode) => [episodeId.encode(episode.podcastId, episode.id), episode]));
const submissions = new Map(world.profiles.map(({ episodeId: id, submission }) => [id, submission]));

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
  // Fetches the token now: its endpoint is another upstream, which does not fail in these tests.
  await list("id explicit");
});
afterEach(() => graph.sandbox("spotify-web").behave());
afterAll(() => graph.stop());

function list(fields: string): Promise<Answer<Page>> {
  return graph.part("episodes").query(`{ episodes(first: 150) { nodes { ${fields} } } }`);
}
function worldEpisode(id: string): WorldEpisode {
  const episode = byId.get(id);
  if (!episode) throw new RangeError(`the world has no episode ${id}`);
  return episode;
}
const isPublished = ({ status }: Node): boolean => status === "PUBLISHED";

describe("episodes while the Web API answers", () => {
  it("take the languages of a published episode from it, and of any other from the submission", async () => {
    const { data, errors } = await list("id status explicit languages");
    expect(errors).toEqual([]);
    expect(data.episodes.nodes.map(({ explicit, languages }) => ({ explicit, languages }))).toEqual(
      data.episodes.nodes.map((node) => {
        const { id, explicit, languages } = worldEpisode(node.id);
        return {
          explicit: explicit === "yes",
          languages: isPublished(node) ? languages : (submissions.get(id)?.languages ?? []),
        };
      }),
    );
  });
});

describe("episodes while the Web API fails", () => {
  it("are decided in one batch if unpublished; each published one has its own error", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const before = graph.logged.length;
    const { data, errors } = await list("id status publishing { verdict }");
    const { nodes } = data.episodes;
    const published = nodes.flatMap((node, index) => (isPublished(node) ? [index] : []));
    expect(new Set(nodes.map(({ status }) => status))).toEqual(
      new Set(["PUBLISHED", "SCHEDULED", "SUBMITTED", "DRAFT"]),
    );
    expect(nodes.map(({ publishing }) => publishing === null)).toEqual(nodes.map(isPublished));
    expect(errors.map(({ path }) => path?.[2])).toEqual(published);
    expect(new Set(errors.map(({ extensions }) => extensions["code"]))).toEqual(new Set(["UPSTREAM_UNAVAILABLE"]));
    expect(graph.logged.slice(before).filter(({ msg }) => msg?.startsWith("decided"))).toHaveLength(1);
  });

  it("show clients explicit and languages from Megaphone and the submission", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const before = graph.logged.length;
    const { data, errors } = await list("id explicit languages");
    expect(errors).toEqual([]);
    expect(data.episodes.nodes).toEqual(
      data.episodes.nodes.map(({ id }) => ({
        id,
        explicit: worldEpisode(id).explicit === "yes",
        languages: submissions.get(worldEpisode(id).id)?.languages ?? [],
      })),
    );
    expect(new Set(data.episodes.nodes.map(({ explicit }) => explicit))).toEqual(new Set([true, false]));
    const warned = graph.logged.slice(before).filter(({ level, upstream }) => level === 40 && upstream !== undefined);
    expect(warned).toMatchObject([
      { upstream: "spotify-web", failure: "STATUS", status: 500, msg: expect.stringContaining("answered 500") },
    ]);
  });

  it("have no facts if published: nothing is decided from what is only shown", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const { nodes } = (await list("id status")).data.episodes;
    const { id } = nodes.find(isPublished) ?? {};
    const { entities, errors } = await graph
      .part("episodes")
      .entities(
        [{ __typename: "Episode", id }],
        "... on Episode { explicit facts { explicit } publishing { verdict } }",
      );
    expect(entities).toEqual([
      { __typename: "Episode", explicit: worldEpisode(id ?? "").explicit === "yes", facts: null, publishing: null },
    ]);
    expect(new Set(errors.map(({ path }) => path?.at(-1)))).toEqual(new Set(["facts", "publishing"]));
  });

  it("show an error if it is a bug, not an upstream failure", async () => {
    const account = { baseUrl: "http://127.0.0.1:9/api", networkId: "sandbox", token: "sandbox" };
    const megaphone = createMegaphone(account);
    const bug = () => Promise.reject(new TypeError("a bug"));
    const failing = { episodes: bug, tracks: bug, ensurePlaylist: bug, playlistsOf: bug, close: async () => {} };
    const { load } = episodeServices({
      ...UNFILTERED,
      megaphone: createMegaphoneFacts(megaphone, unkeptFacts().of("megaphone", {})),
      web: createWebFacts(failing, unkeptFacts().of("spotify-web", {})),
      records: {
        profiles: async (ids) => ids.map(() => undefined),
        publications: async (ids) => ids.map(() => undefined),
      },
      decide: bug,
      now: () => NOW,
    });
    const context = backgroundContext(pino({ enabled: false }), "test");
    const source = { id: "e", podcastId: "p", title: "Known", draft: false, spotifyIdentifier: "0".repeat(22) };
    await expect(load(context).contentAttributes.load(toEpisode(EpisodeReply.parse(source), NOW))).rejects.toThrow(
      "a bug",
    );
    await megaphone.close();
  });
});
