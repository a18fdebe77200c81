/**
 * The console as its users see it, in a real browser: each page is opened, read, operated by keyboard, and looked through by
 * axe in both themes. All of them share one graph, and a browser.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fact, Facts } from "../../subgraphs/pipeline/table/table.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";
import { PATIENCE_MS, hasChromium, startViewer, tooWideFor, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";

let graph: TestDecibel;
let viewer: Viewer;
let origin: string;

describe.runIf(hasChromium())("the console", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel();
    origin = new URL(graph.decibel.url).origin;
    await nodes(graph, "locations(first: 60)", "playback { verdict }");
    await nodes(graph, "episodes(first: 100)", "publishing { verdict }");
    viewer = await startViewer(origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();

  it("opens with what is wrong, or that nothing is", async () => {
    const page = await viewer.open("/");
    await page.getByText("Nothing is wrong.").waitFor();
    await page.getByRole("link", { name: "location_playback" }).waitFor();
    expect(await page.title()).toBe("Now · Decibel");
  });

  it("leads from the ledger to an evaluation, by keyboard alone, and back with the filters", async () => {
    const page = await viewer.open("/decisions");
    await heading(page, "Decisions");
    await page.getByLabel("Verdict").waitFor();
    await page.getByLabel("Verdict").selectOption("DENY");
    await page.waitForURL(/verdict=DENY/);
    await page.getByRole("row").nth(1).getByText("DENY").waitFor();
    await page.getByRole("heading", { level: 1 }).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await heading(page, "Decision");
    await page.locator("tr.matched.DENY").first().waitFor();
    expect(await page.locator("td.holds").count()).toBeGreaterThan(0);
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
    await page.goBack();
    await heading(page, "Decisions");
    expect(page.url()).toContain("verdict=DENY");
  });

  it("shows a decision that is made meanwhile, without being asked", async () => {
    const page = await viewer.open("/decisions?model=campaign_targeting");
    await page.getByText("No decision is like that").waitFor();
    await nodes(graph, "campaigns(first: 3)", "targeting { verdict }");
    await page.locator("tr.fresh").first().waitFor();
    expect(await page.getByRole("row").count()).toBeGreaterThan(1);
  });

  it("lights the rules that match as facts are edited, as the engine does", async () => {
    const page = await viewer.open("/models/episode_publishing");
    await heading(page, "Episode Publishing");
    await page.getByText("Try it:").waitFor();
    const first = page.locator(".facts-row :is(input, select)").first();
    await first.focus();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.closest('.facts-row') !== null")).toBe(true);
    const { compiled, facts } = known();
    for (const [name, fact] of Object.entries(facts)) {
      const label = compiled.table.inputs.find((input) => input.name === name)?.label ?? name;
      const field = page.locator(".facts-row").getByLabel(label, { exact: true });
      if (typeof fact === "boolean") await field.selectOption(String(fact));
      else await field.fill(Array.isArray(fact) ? fact.join(", ") : String(fact));
    }
    const expected = compiled.evaluate({ ...unknown(), ...facts });
    const rules = "rules" in expected ? expected.rules : [];
    const lit = page.locator("tr.matched > th");
    await expect.poll(() => lit.allInnerTexts(), { timeout: PATIENCE_MS }).toHaveLength(rules.length);
    expect((await lit.allInnerTexts()).map((text) => Number.parseInt(text, 10))).toEqual(rules);
  });

  /** An episode that lacks what it needs, as the table sees it. */
  function known() {
    const model = graph.decibel.pipeline.models.get("episode_publishing") ?? expect.fail("there is no such model");
    const { inputs } = model.compiled.table;
    const values: Readonly<Record<string, Fact>> = { boolean: false, number: 3 };
    const facts: Facts = Object.fromEntries(
      inputs.flatMap(({ name, type }) => (values[type] === undefined ? [] : [[name, values[type]] as const])),
    );
    return { compiled: model.compiled, facts };
  }

  function unknown() {
    const { compiled } = known();
    return Object.fromEntries(compiled.table.inputs.map(({ name }) => [name, null]));
  }

  it("tries other facts than those of an evaluation, without sending them", async () => {
    const [evaluation] = await nodes<{ readonly id: string }>(
      graph,
      'evaluations(first: 1, model: "location_playback")',
      "id",
    );
    const page = await viewer.open(`/decisions/${evaluation?.id}`);
    await page.getByRole("link", { name: "Try other facts" }).click();
    await page.locator("tr.matched").first().waitFor();
    const before = await page.locator(".outcome").innerText();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.getByRole("button", { name: "Clear the facts" }).click();
    await page.getByText("Try it:").waitFor();
    await page.goBack();
    expect(before).not.toBe("");
    expect(asked.filter((url) => !/\/graphql$|\/assets\//.test(url))).toEqual([]);
  });

  it("searches the rules of a model, and keeps the search in the URL", async () => {
    const page = await viewer.open("/models/placement_review");
    await heading(page, "Placement Review");
    const rules = page.locator("table.rules tbody tr");
    const all = await rules.count();
    await page.keyboard.press("/");
    await page.keyboard.type("gambling");
    await page.waitForURL(/search=gambling/);
    await expect.poll(() => rules.count(), { timeout: PATIENCE_MS }).toBeLessThan(all);
    await page.reload();
    await heading(page, "Placement Review");
    await expect.poll(() => rules.count(), { timeout: PATIENCE_MS }).toBeLessThan(all);
  });

  it("goes to a page by two keys, and shows which", async () => {
    const page = await viewer.open("/");
    await heading(page, "Now");
    // Before it is known who asks, no page is offered.
    await page.getByRole("link", { name: "Models", exact: true }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await heading(page, "Models");
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keys" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    expect(page.url()).toBe(`${origin}/models`);
  });

  it("says that there is no such page, model, evaluation or campaign", async () => {
    const page = await viewer.open("/models/nonsense");
    await page.getByText("There is no such model").waitFor();
    await page.goto(`${origin}/decisions/evaluation_00000000-0000-4000-8000-000000000000`);
    await page.getByText("There is no such evaluation").waitFor();
    await page.goto(`${origin}/decisions/nonsense`);
    await page.getByText("There is no such evaluation").waitFor();
    await page.goto(`${origin}/reviews/nonsense`);
    await page.getByText("There is no such review").waitFor();
    const [[episode], [listener]] = await Promise.all([
      nodes<{ readonly id: string }>(graph, "episodes(first: 1)", "id"),
      nodes<{ readonly id: string }>(graph, "listeners(first: 1)", "id"),
    ]);
    for (const path of [
      `/episodes/${episode?.id}?campaign=nonsense`,
      `/listeners/${listener?.id}?campaign=campaign_00000000-0000-4000-8000-000000000000`,
    ]) {
      await page.goto(`${origin}${path}`);
      await page.getByText("There is no such campaign").waitFor();
    }
    await page.goto(`${origin}/decisions/x/y`);
    await page.getByText("There is no such page").waitFor();
    expect(await page.title()).toBe("Nothing here · Decibel");
    const answer = await page.goto(`${origin}/nothing/here`);
    expect(answer?.status()).toBe(404);
    await page.getByText("There is no such page").waitFor();
    await page.goto(`${origin}/campaigns/%E0%A4%A`);
    await page.getByText("It does not exist").waitFor();
    await page.getByRole("main").getByRole("link", { name: "Campaigns" }).first().click();
    await heading(page, "Campaigns");
  });

  it("shows what it can of an address that says something else", async () => {
    const page = await viewer.open("/decisions?hours=99999999999999&verdict=MAYBE");
    await heading(page, "Decisions");
    const shown = page.getByText("new ones appear by themselves").or(page.getByText("No decision is like that"));
    await shown.waitFor();
    expect(await shown.count()).toBe(1);
  });

  it("says why something could not be read, and not that it is not there", async () => {
    await graph.sandbox("spotify-ads").misbehave({ status: 500 });
    const page = await viewer.open("/campaigns/campaign_00000000-0000-4000-8000-000000000000");
    await page.getByText("This could not be read").waitFor();
    await graph.sandbox("spotify-ads").behave();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("It does not exist").waitFor();
    expect(await page.getByText("This could not be read").count()).toBe(0);
  });

  const PAGES = [
    "/",
    "/reviews",
    "/worklists",
    "/worklists?list=cases",
    "/campaigns",
    "/episodes",
    "/locations",
    "/listeners",
    "/decisions",
    "/models",
    "/models/location_playback",
    ...["checks", "versions", "impact", "cases"].map((tab) => `/models/location_playback?tab=${tab}`),
    "/models/nonsense",
    "/effects",
    "/graph",
  ];
  /** Pages of one of many: by its list. */
  const OF_ONE: Readonly<Record<string, (id: string) => string>> = {
    campaigns: (id) => `/campaigns/${id}`,
    episodes: (id) => `/episodes/${id}`,
    locations: (id) => `/locations/${id}`,
    listeners: (id) => `/listeners/${id}`,
    "caseWorklist's cases": (id) => `/worklists/cases/${id}`,
    evaluations: (id) => `/decisions/${id}`,
    "evaluations with facts to try": (id) => `/models/location_playback?from=${id}`,
  };

  describe("has nothing that axe finds wrong, in both themes, and fits into windows wide and narrow", () => {
    let page: Page;
    beforeAll(async () => {
      page = await viewer.open("/", { colorScheme: "light" });
    });
    const NONE = { inLight: [], inDark: [], tooWide: [] };
    const wrongWith = async (path: string) => {
      await page.goto(`${origin}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expect.poll(() => page.locator(".skeleton").count(), { timeout: PATIENCE_MS }).toBe(0);
      const inLight = await violationsIn(page);
      await page.emulateMedia({ colorScheme: "dark" });
      const inDark = await violationsIn(page);
      const tooWide = await tooWideFor(page, [1600, 1280, 1024, 640, 390, 320]);
      await page.emulateMedia({ colorScheme: "light" });
      return { inLight, inDark, tooWide };
    };

    it.each(PAGES)("%s", async (path) => {
      expect(await wrongWith(path)).toEqual(NONE);
    });

    it.each(Object.keys(OF_ONE))("one of the %s", async (name) => {
      const list = `${name.split(/\W/, 1)[0]}(first: 1)`;
      const [one] = await nodes<{ readonly id: string }>(graph, list, "id");
      expect(await wrongWith(OF_ONE[name]?.(one?.id ?? "") ?? "")).toEqual(NONE);
    });
  });

  it("is whole in a window as narrow as a telephone's: what scrolls is reached by keyboard, and buttons are of one line", async () => {
    const page = await viewer.open("/worklists", { viewport: { width: 390, height: 844 } });
    await page.getByRole("button", { name: "Record licence" }).first().click();
    const buttons = page.getByRole("dialog").getByRole("button");
    const heights = await buttons.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect([heights.length, Math.max(...heights) < 40]).toEqual([3, true]);
    const [one] = await nodes<{ readonly id: string }>(graph, "evaluations(first: 1)", "id");
    await page.goto(`${origin}/decisions/${one?.id}`);
    await page.getByRole("region", { name: "Verdicts by version" }).waitFor();
    expect(await violationsIn(page)).toEqual([]);
  });

  it("never asks another host, and writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
