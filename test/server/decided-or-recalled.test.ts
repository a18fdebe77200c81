import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import { episodePublishing } from "../../subgraphs/episodes/decisions/episode-publishing.ts";
import type { Recall } from "../../subgraphs/pipeline/recall.ts";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import { decidedOrRecalled } from "../../subgraphs/server/decided-or-recalled.ts";

const context = backgroundContext(pino({ enabled: false }), "somebody");
const recorded = { id: "evaluation_1", verdict: "DENY" };

describe("the decision of a command", () => {
  const answer = (decided: { readonly id: string } | Error | undefined) => {
    const recall = vi.fn<() => Promise<never>>(async () => recorded as never);
    const made = { evaluationId: "evaluation_1", decided };
    return { recall, shown: decidedOrRecalled(recall as Recall, context, episodePublishing, made) };
  };

  it("is its own if that was committed, and the ledger is not read", async () => {
    const own = { id: "evaluation_1" };
    const { shown, recall } = answer(own);
    expect(await shown).toBe(own);
    expect(recall).not.toHaveBeenCalled();
  });

  it.each([
    ["repeats an earlier call", undefined],
    ["could not decide", new Error("planted")],
    ["lost to a concurrent call", { id: "evaluation_2" }],
  ])("is the ledger's if it %s", async (_what, decided) => {
    const { shown, recall } = answer(decided);
    expect(await shown).toBe(recorded);
    expect(recall).toHaveBeenCalledExactlyOnceWith(context, episodePublishing, "evaluation_1");
  });
});
