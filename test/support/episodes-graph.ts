/** A whole Decibel for tests of the mutations about episodes, and the operations they share. */
import { expect } from "vitest";
import { episodeId } from "../../schema/id.ts";
import type { WorldEpisode } from "../../subgraphs/sandbox/world/episode.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { NOW, startTestDecibel } from "./decibel.ts";
import type { Answer, TestDecibel } from "./decibel.ts";
import { HOUR_MS } from "./times.ts";
import { whole } from "./whole.ts";

export interface ShownEpisode {
  readonly id: string;
  readonly status: string;
  readonly publishedAt: string | null;
  readonly languages: readonly string[];
  readonly transcriptAvailable: boolean;
  readonly publishing: ShownDecision | null;
}
export interface ShownDecision {
  readonly id: string;
  readonly verdict: string;
  readonly missing: readonly string[];
  readonly blockedMarkets: readonly string[];
}
export interface Payload {
  readonly episode: ShownEpisode;
  readonly decision: ShownDecision | null;
}

export type Status = "DRAFT" | "SUBMITTED" | "SCHEDULED" | "PUBLISHED";

export interface EpisodesGraph extends TestDecibel {
  /** In milliseconds since the epoch. The sandbox of Megaphone answers 60 requests a minute, so each test needs its own. */
  readonly clock: { now: number };
  /** The id of an episode with the status that the rules can allow; each only once, so that tests do not share one. */
  pick(status: Status): string;
  submit(input: object): Promise<Answer<{ submitEpisode: Payload } | null>>;
  /** The id of an episode whose submission the rules allow. */
  submitAllowed(): Promise<string>;
  publish(input: object): Promise<Answer<{ publishEpisode: Payload } | null>>;
  read(id: string): Promise<ShownEpisode>;
  outboxIsIdle(): Promise<void>;
  /** The statuses of Megaphone's answers to the writes of an episode. */
  megaphoneWrites(id: string): Promise<readonly unknown[]>;
  /** The rows of an episode. */
  publications(id: string): Promise<readonly unknown[]>;
}

/** A submission with everything that any rule requires. */
export const COMPLETE = {
  disclaimers: ["sponsorship", "explicit-content", "health", "financial", "gambling", "alcohol"],
  approvals: ["editorial", "legal", "rights", "brand"],
  transcriptUrl: "https://transcripts.example/one.vtt",
  languages: ["en"],
  markets: ["GB", "US"],
};

const DECISION = "id verdict missing blockedMarkets";
const EPISODE = `id status publishedAt languages transcriptAvailable publishing { ${DECISION} }`;
const PAYLOAD = `episode { ${EPISODE} } decision { ${DECISION} }`;
const PROHIBITED_TOPICS: ReadonlySet<string> = new Set(["hate-speech", "pornography", "terrorism"]);

const world = whole(createWorld({ scale: 1, now: new Date(NOW) })).episodes;
const profiles = new Map(world.profiles.map((profile) => [profile.episodeId, profile]));

export async function startEpisodesGraph(): Promise<EpisodesGraph> {
  const clock = { now: NOW };
  const graph = await startTestDecibel({
    variables: { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000" },
    now: () => clock.now,
  });
  const picked = new Set<string>();
  const pick: EpisodesGraph["pick"] = (status) => {
    const found = world.episodes.find(
      (episode) => !picked.has(episode.id) && statusOf(episode) === status && canBeAllowed(episode),
    );
    if (!found) throw new RangeError(`the world has no ${status} episode left`);
    picked.add(found.id);
    return episodeId.encode(found.podcastId, found.id);
  };
  const submit: EpisodesGraph["submit"] = (input) =>
    graph.query(`mutation ($input: SubmitEpisodeInput!) { submitEpisode(input: $input) { ${PAYLOAD} } }`, { input });

  return {
    ...graph,
    clock,
    pick,
    submit,
    async submitAllowed() {
      const id = pick("SUBMITTED");
      const { data, errors } = await submit({ ...COMPLETE, episodeId: id });
      expect(errors).toEqual([]);
      expect(data?.submitEpisode.decision?.verdict).toBe("ALLOW");
      return id;
    },
    publish: (input) =>
      graph.query(`mutation ($input: PublishEpisodeInput!) { publishEpisode(input: $input) { ${PAYLOAD} } }`, {
        input,
      }),
    async read(id) {
      const { data, errors } = await graph.query<{ episode: ShownEpisode }>(
        `query ($id: ID!) { episode(id: $id) { ${EPISODE} } }`,
        { id },
      );
      expect(errors).toEqual([]);
      return data.episode;
    },
    async outboxIsIdle() {
      await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 30_000 }).toBe(true);
    },
    async megaphoneWrites(id) {
      const [, megaphoneId] = episodeId.decode(id);
      const { recent } = await graph.sandbox("megaphone").calls();
      return recent
        .filter(({ method, path }) => method === "PUT" && String(path).includes(megaphoneId))
        .map(({ status }) => status);
    },
    async publications(id) {
      const [, megaphoneId] = episodeId.decode(id);
      const { rows } = await graph.decibel.database.db.execute(
        `select * from episodes.publications where episode_id = '${megaphoneId}'`,
      );
      return rows;
    },
  };
}

function statusOf({ id, draft, pubdate }: WorldEpisode): Status {
  if (draft) return profiles.get(id)?.submission ? "SUBMITTED" : "DRAFT";
  return Number(pubdate) > NOW + HOUR_MS ? "SCHEDULED" : "PUBLISHED";
}

function canBeAllowed({ id, audioFileStatus }: WorldEpisode): boolean {
  const profile = profiles.get(id);
  const isProhibited = profile?.sensitiveTopics.some((topic) => PROHIBITED_TOPICS.has(topic)) ?? false;
  return audioFileStatus === "success" && profile?.topics.length !== 0 && !isProhibited;
}
