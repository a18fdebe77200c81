/** Two people in two windows: one proposes a table, the other one approves it, and both see what the other does. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, startViewer, tooWideFor, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { changedTable } from "../support/table-files.ts";
import { TOKENS, authorized, tokenFor } from "../support/tokens.ts";

const PLAYBACK = "locations/location_playback.otdt";
const VERSIONS = "/models/location_playback?tab=versions";
const WIDTHS = [320, 390, 768, 1280];

let graph: TestDecibel;
let viewer: Viewer;

/** What every table says, with another reason for each `marker`. */
function tableWith(marker: string): string {
  return changedTable(PLAYBACK, (name, value) => (name === "reason" ? `${value} ${marker}` : undefined));
}

describe.runIf(hasChromium())("the console, of a table that is proposed,", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel({ variables: TOKENS });
    viewer = await startViewer(new URL(graph.decibel.url).origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  async function openAs(sub: string, claims = {}, path = VERSIONS): Promise<Page> {
    const page = await viewer.open(path);
    await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW, { sub, ...claims }));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("decides here", { exact: true }).waitFor();
    return page;
  }

  async function propose(page: Page, table: string, note: string): Promise<void> {
    await page.getByLabel("or paste the text of its file").fill(table);
    await page.getByRole("button", { name: "Propose it" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What it changes, and why").fill(note);
    await dialog.getByRole("button", { name: "Propose it" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.waitForURL(/candidate=candidate_/);
    await opened(page).waitFor();
  }

  /** By another way than the console. */
  async function resolve(sub: string, candidateId: string, state: string, note: string): Promise<void> {
    const response = await fetch(graph.decibel.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(await authorized(NOW, { sub })) },
      body: JSON.stringify({
        query: "mutation ($input: ResolveCandidateInput!) { resolveCandidate(input: $input) { candidate { id } } }",
        variables: { input: { candidateId, state, note } },
      }),
    });
    expect(await response.json()).not.toHaveProperty("errors");
  }

  const opened = (page: Page) => page.getByRole("region", { name: "Candidate", exact: true });
  const idIn = (page: Page): string => new URL(page.url()).searchParams.get("candidate") ?? "";

  async function expectGood(page: Page): Promise<void> {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violationsIn(page)).toEqual([]);
    }
    expect(await tooWideFor(page, WIDTHS)).toEqual([]);
  }

  it("lets one propose it and another one approve it, and shows each what the other does", async () => {
    const ben = await openAs("ben");
    const ada = await openAs("ada");
    await propose(ada, tableWith("ahead"), "Licences that end this week may play on");
    await opened(ada).getByText("You proposed it, so somebody else has to approve or reject it.").waitFor();
    expect(await ada.getByRole("button", { name: "Approve" }).count()).toBe(0);
    expect(await ada.getByRole("button", { name: "Reject" }).count()).toBe(0);
    await ada
      .getByRole("region", { name: "What changes" })
      .getByText(/^Nothing, proven for all/)
      .waitFor();
    await expectGood(ada);

    await ben.getByRole("link", { name: "Look at it" }).focus();
    await ben.keyboard.press("Enter");
    await opened(ben).getByText("Licences that end this week may play on").waitFor();
    await ben
      .getByRole("region", { name: "What changes" })
      .getByText(/^Nothing, proven for all/)
      .waitFor();
    expect(await ben.getByRole("button", { name: "Withdraw" }).count()).toBe(0);
    await ben.getByRole("button", { name: "Approve" }).click();
    const dialog = ben.getByRole("dialog");
    await dialog.getByLabel(/^Why\?/).fill("As the licence team decided");
    await dialog.getByRole("button", { name: "Check first" }).click();
    await dialog.getByText("Checked: nothing was done.").waitFor();
    await expectGood(ben);
    await dialog.getByRole("button", { name: "Approve it" }).click();
    await dialog.waitFor({ state: "detached" });

    for (const page of [ben, ada]) {
      await opened(page).getByText("As the licence team decided").waitFor();
      await opened(page).getByText("npm run rules -- deploy location_playback.otdt").waitFor();
      await expectGood(page);
    }
    await opened(ada).getByRole("button", { name: "Withdraw" }).waitFor();
    const saved = ada.waitForEvent("download");
    await opened(ada).getByText("Save its file").click();
    expect((await saved).suggestedFilename()).toBe("location_playback.otdt");
  });

  it("leads to its impact and back, and is in the URL", async () => {
    const page = await openAs("ada");
    await page.getByRole("link", { name: "Look at it" }).first().click();
    await opened(page).waitFor();
    const id = idIn(page);
    await page.getByRole("link", { name: "Impact" }).click();
    await page.getByRole("button", { name: "Find whom it changes" }).waitFor();
    expect(idIn(page)).toBe(id);
    await page.goBack();
    await opened(page).waitFor();
    await page.reload();
    await opened(page).waitFor();
    await page.getByRole("button", { name: "Close it" }).click();
    await page.getByLabel("or paste the text of its file").waitFor();
    expect(idIn(page)).toBe("");
  });

  it("says that somebody else was faster, and keeps what was written", async () => {
    const page = await openAs("ada");
    await propose(page, tableWith("contested"), "Once more");
    const ben = await openAs("ben", {}, `${VERSIONS}&candidate=${idIn(page)}`);
    await ben.getByRole("button", { name: "Reject" }).click();
    const dialog = ben.getByRole("dialog");
    await dialog.getByLabel(/^Why\?/).fill("Nobody needs it");
    await resolve("cleo", idIn(page), "REJECTED", "It is too early");
    await dialog.getByRole("button", { name: "Reject it" }).click();
    await dialog.getByText("It has changed meanwhile.").waitFor();
    expect(await dialog.getByLabel(/^Why\?/).inputValue()).toBe("Nobody needs it");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await opened(ben).getByText("It is too early").waitFor();
    await opened(page).getByText("It is too early").waitFor();
    expect(await ben.getByRole("button", { name: "Reject" }).count()).toBe(0);
  });

  it("says that the same table is proposed already, and that its first note stays", async () => {
    const page = await openAs("ada");
    await propose(page, tableWith("twice"), "The first note");
    const ben = await openAs("ben");
    await propose(ben, tableWith("twice"), "Another note");
    expect(idIn(ben)).toBe(idIn(page));
    await opened(ben).getByText("This table is proposed already.").waitFor();
    await opened(ben).getByText("The first note").waitFor();
    await opened(page).getByRole("button", { name: "Withdraw" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Why\?/).fill("A mistake");
    await dialog.getByRole("button", { name: "Withdraw it" }).click();
    await opened(ben).getByText("A mistake").waitFor();
  });

  it("offers nothing to who may not change it, and says why", async () => {
    const reader = await openAs("rex", { scope: "audit:read graph:read" });
    await reader.getByLabel("or paste the text of its file").fill(tableWith("refused"));
    await reader.getByText("To propose, approve or reject a table takes reviews:write.").waitFor();
    expect(await reader.getByRole("button", { name: "Propose it" }).count()).toBe(0);
    await reader.goto(
      reader.url().replace(/\?.*/, "?tab=versions&candidate=candidate_00000000-0000-4000-8000-000000000000"),
    );
    await reader.getByText("There is no such candidate").waitFor();
    expect(await violationsIn(reader)).toEqual([]);
  });

  it("never asks another host, and writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
