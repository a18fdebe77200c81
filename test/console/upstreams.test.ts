/** The console's first page while an upstream fails, and after it has recovered, as its users see it. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { hasChromium, startViewer, tooWideFor, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";

let now = NOW;
let graph: TestDecibel;
let viewer: Viewer;
const CAMPAIGNS = "{ campaigns(first: 2) { nodes { name } } }";

describe.runIf(hasChromium())("an upstream that fails", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel({ now: () => now });
    viewer = await startViewer(new URL(graph.decibel.url).origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  const upstream = (page: Page, name: string) => page.locator(".upstreams li").filter({ hasText: name });

  it("is said first, with where to look, until it answers again", async () => {
    await graph.query(CAMPAIGNS);
    const page = await viewer.open("/");
    await page.getByText("Nothing is wrong.").waitFor();
    await upstream(page, "Spotify Ads").getByText("answering", { exact: true }).waitFor();
    await upstream(page, "Spotify Ads").getByText("of 1,500 requests").waitFor();
    await upstream(page, "CRM").getByText("not asked").waitFor();
    await page.getByText("minute by minute, of one process").waitFor();

    await graph.sandbox("spotify-ads").misbehave({ status: 500 });
    for (let times = 0; times < 3; times += 1) await graph.query(CAMPAIGNS);
    const wrong = page.getByLabel("What is wrong").getByRole("listitem");
    await wrong.getByText("Spotify Ads does not answer", { exact: true }).waitFor();
    expect(await wrong.first().innerText()).toContain(
      "Its last call: an error (500), now. Campaigns · Effects that are retried",
    );
    await upstream(page, "Spotify Ads").getByText("not answering").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    expect(await tooWideFor(page, [1280, 390])).toEqual([]);
    const dark = await viewer.open("/", { colorScheme: "dark", viewport: { width: 390, height: 900 } });
    await upstream(dark, "Spotify Ads").getByText("not answering").waitFor();
    expect(await violationsIn(dark)).toEqual([]);

    await graph.sandbox("spotify-ads").behave();
    await graph.query(CAMPAIGNS);
    await wrong.getByText("Spotify Ads does not answer every call").waitFor();
    now += 5 * 60_000;
    await page.getByText("Nothing is wrong.").waitFor();
    await wrong.first().waitFor({ state: "hidden" });
  });

  it("leads to where it shows, by keyboard", async () => {
    await graph.sandbox("spotify-ads").misbehave({ status: 500 });
    for (let times = 0; times < 3; times += 1) await graph.query(CAMPAIGNS);
    const page = await viewer.open("/");
    await page.getByRole("link", { name: "Effects that are retried" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Effects" }).waitFor();
    expect(new URL(page.url()).search).toBe("?status=RETRYING");
    expect(viewer.problems).toEqual([]);
  });
});
