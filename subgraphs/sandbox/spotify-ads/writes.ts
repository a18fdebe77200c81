/**
 * Which writes does the Ads API sandbox accept?
 *
 * A campaign's name, order and status; an ad set's name, delivery and targets; a new audience. An `Idempotency-Key` is kept with
 * its body until the process ends. Assumptions: targets are replaced as a whole (the harder case for a client), only three
 * statuses can be set, an ad set's audiences must exist, and the places of the code and `resource_uri` in a 409.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { faultsOf } from "../sandbox.ts";
import { AudienceQuery, listed, pageOf } from "./query.ts";
import type { AdsState, AudienceRecord } from "./state.ts";

export interface AdsWriteOptions {
  readonly state: AdsState;
  /** The prefix of the ad account's routes and `resource_uri`s. */
  readonly account: { readonly route: string; readonly path: string };
  readonly refuse: (
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    ...messages: string[]
  ) => FastifyReply;
  /** Answers 409 with this code. */
  readonly conflict: (request: FastifyRequest, reply: FastifyReply, code: string, more?: object) => FastifyReply;
  /** The delay of creating an audience in milliseconds. */
  readonly creationMs: number;
  readonly now: () => number;
}

interface Remembered {
  readonly body: string;
  audience: AudienceRecord | undefined;
}
interface ById {
  readonly Params: { readonly id: string };
}

const Name = z.string().min(2).max(200);
const CampaignChanges = z
  .object({
    name: Name.regex(/^\S.*\S$/).exactOptional(),
    purchase_order: z.string().min(2).max(45).exactOptional(),
    status: z.enum(["ACTIVE", "PAUSED", "ARCHIVED"]).exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, "nothing to update");
const Texts = z.array(z.string()).exactOptional();
const Targets = z.looseObject({
  platforms: z.array(z.string()).default(["ANDROID", "DESKTOP", "IOS"]),
  placements: z.array(z.enum(["MUSIC", "PODCAST"])).min(1),
  age_ranges: z.array(z.object({ min: z.int().min(13), max: z.int().max(99) })).default([]),
  genders: Texts,
  podcast_episode_topic_ids: Texts,
  language: z.string().length(2).exactOptional(),
  sensitive_topic_exclusions: z
    .union([
      z.object({ topics: z.array(z.object({ id: z.string(), filter_option: z.string() })) }),
      z.object({ filter_option: z.string() }),
    ])
    .default({ topics: [] }),
  audience_ids: z.array(z.guid()).default([]),
  audience_ids_exclusions: z.array(z.guid()).exactOptional(),
});
const AdSetChanges = z
  .object({
    name: Name.exactOptional(),
    delivery: z.enum(["ON", "OFF"]).exactOptional(),
    targets: Targets.exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, "nothing to update");
const NewAudience = z.object({
  audience_type: z.literal("CUSTOM", "the sandbox creates no audience but CUSTOM"),
  name: z.string().min(2).max(80),
  description: z.string().max(80).exactOptional(),
  subtype: z.enum(["CUSTOMER_LIST", "WEB_EVENT", "AD_ENGAGEMENT", "LIVERAMP"]).exactOptional(),
});

export function adsWriteRoutes(api: FastifyInstance, options: AdsWriteOptions): void {
  const { state, account, refuse, conflict, creationMs, now } = options;
  const byKey = new Map<string, Remembered>();

  api.patch<ById>(`${account.route}/campaigns/:id`, (request, reply) => {
    const changes = CampaignChanges.parse(request.body ?? {});
    return state.changeCampaign(request.params.id, changes) ?? missing(request, reply);
  });

  api.patch<ById>(`${account.route}/ad_sets/:id`, (request, reply) => {
    const { delivery, ...changes } = AdSetChanges.parse(request.body ?? {});
    const { audience_ids: included = [], audience_ids_exclusions: excluded = [] } = changes.targets ?? {};
    const known = audiencesFor(request, "absentMs");
    const strangers = [...included, ...excluded].filter((id) => !known.some((one) => one.id === id));
    if (strangers.length > 0) return refuse(request, reply, 400, `targets: no such audience: ${strangers.join(", ")}`);
    const both = included.filter((id) => excluded.includes(id));
    if (both.length > 0) return refuse(request, reply, 400, `targets: included and excluded: ${both.join(", ")}`);
    const changed = state.changeAdSet(request.params.id, {
      ...changes,
      ...(delivery && { delivery, is_paused: delivery === "OFF" }),
    });
    return changed ?? missing(request, reply);
  });

  api.get(`${account.route}/audiences`, (request) => {
    const query = AudienceQuery.parse(request.query);
    const found = listed(audiencesFor(request, "listsLagMs"), query);
    const { offset, limit } = query;
    return pageOf("audiences", { total: found.length, records: found.slice(offset, offset + limit) }, query);
  });

  api.get<ById>(`${account.route}/audiences/:id`, (request, reply) => {
    return audiencesFor(request, "absentMs").find(({ id }) => id === request.params.id) ?? missing(request, reply);
  });

  api.post(`${account.route}/audiences`, async (request, reply) => {
    const { audience_type: _type, ...audience } = NewAudience.parse(request.body ?? {});
    const key = request.headers["idempotency-key"];
    const body = createHash("sha256").update(JSON.stringify(request.body)).digest("hex");
    const earlier = typeof key === "string" ? byKey.get(key) : undefined;
    if (earlier && earlier.body !== body) return conflict(request, reply, "IDEMPOTENCY_KEY_REUSED");
    if (earlier?.audience) {
      const resource_uri = `${account.path}/audiences/${earlier.audience.id}`;
      return conflict(request, reply, "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED", { resource_uri });
    }
    if (earlier) return conflict(request, reply.header("retry-after", "1"), "IDEMPOTENCY_REQUEST_IN_PROGRESS");
    const remembered: Remembered = { body, audience: undefined };
    if (typeof key === "string") byKey.set(key, remembered);
    if (creationMs > 0) await delay(creationMs);
    remembered.audience = state.addAudience(audience);
    return reply.code(201).send(remembered.audience);
  });

  /** Those that a fault does not hide. */
  function audiencesFor(request: FastifyRequest, delay: "listsLagMs" | "absentMs"): readonly AudienceRecord[] {
    const { [delay]: hiddenMs = 0 } = faultsOf(request);
    return state.audiences.filter(({ created_at: at }) => Date.parse(at) <= now() - hiddenMs);
  }

  function missing(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    return refuse(request, reply, 404, "No such resource");
  }
}
