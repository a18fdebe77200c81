/** How does a test get an effect that failed? It makes an upstream refuse one. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { nodes } from "../support/contracts.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { eventually, mutate } from "../support/mutations.ts";

/** Gives its id. */
export async function failedEffect(graph: TestDecibel): Promise<string> {
  const failed = () => nodes<{ readonly id: string }>(graph, "effects(status: FAILED)", "id");
  await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
  const input = { campaignId: "campaign_45b09d9d-5b33-41bc-91a8-75ecdb4f050e", include: [randomUUID()] };
  expect((await mutate(graph, "applyTargeting", input, "{ campaign { id } }")).errors).toEqual([]);
  await eventually(failed).toHaveLength(1);
  await graph.sandbox("spotify-ads").behave();
  return (await failed())[0]?.id ?? expect.fail("no effect failed");
}
