/** The page of the graph: its queries, the plan of an answer, and how its decisions were made. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stepsOf, totalOf } from "../../gateway/console/graph/explain.ts";
import type { Explain } from "../../gateway/console/graph/explain.ts";
import { FIRST_QUERIES } from "../../gateway/console/graph/first-queries.ts";
import { hasChromium, startViewer, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
}, 120_000);
afterAll(() => graph?.stop());

describe("the queries to begin with", () => {
  it("are one for each job", () => {
    expect(new Set(FIRST_QUERIES.map(({ key }) => key)).size).toBe(8);
  });

  it.each(FIRST_QUERIES.map(({ title, ...query }) => [title, query] as const))(
    "run as they are, and decide: %s",
    async (_title, { query, variables }) => {
      const response = await fetch(graph.decibel.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables, extensions: { explain: true } }),
      });
      const { errors, extensions } = (await response.json()) as {
        readonly errors?: unknown;
        readonly extensions: { readonly explain: Explain };
      };
      const { decisions, fetches } = extensions.explain;
      expect(errors).toBeUndefined();
      expect(totalOf(decisions).asked).toBeGreaterThan(0);
      const called = stepsOf(extensions.explain).flatMap(({ calls }) => calls);
      expect(new Set(called)).toEqual(new Set(fetches));
    },
  );
});

describe.runIf(hasChromium())("the page of the graph", { timeout: 120_000 }, () => {
  let viewer: Viewer;
  beforeAll(async () => {
    viewer = await startViewer(new URL(graph.decibel.url).origin);
  }, 120_000);
  afterAll(() => viewer?.close());

  const run = (page: Page) => page.getByRole("button", { name: "Run" }).click();
  const tab = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "What came of it" }).getByRole("link", { name }).click();

  it.each(["light", "dark"] as const)("shows answer, plan and decisions, in the %s theme", async (colorScheme) => {
    const page = await viewer.open("/graph?first=sponsorships", { colorScheme });
    await page.getByText("Nothing was run yet").waitFor();
    await page.getByLabel("Query").focus();
    await page.keyboard.press("Control+Enter");
    await page.getByText("calls at most").waitFor();
    await page.getByText('"decision": {').first().waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await tab(page, "Plan");
    await page.waitForURL(/first=sponsorships&tab=plan/);
    const rows = page.getByRole("region", { name: "The plan" }).getByRole("row");
    await rows.filter({ hasText: "One after the other" }).waitFor();
    expect(await rows.filter({ hasText: "campaigns.nodes.@.sponsorships.nodes.@" }).count()).toBe(2);
    await page.getByRole("button", { name: "episodes" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("... on Sponsorship {").first().waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await tab(page, "Decisions");
    const models = page.getByRole("region", { name: "Decisions by model" });
    await models.getByRole("link", { name: "placement_review" }).waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await page.goBack();
    await rows.first().waitFor();
  });

  it("says that all is answered without a call the second time", async () => {
    const page = await viewer.open("/graph?first=playback&tab=decisions");
    await run(page);
    await page.getByRole("link", { name: "location_playback" }).waitFor();
    await run(page);
    await page.getByText("100 % of those answered").waitFor();
    await tab(page, "Answer");
    await page.getByText('"origin": "CACHE"').first().waitFor();
    expect(await page.getByText('"origin": "SERVICE"').count()).toBe(0);
  });

  it("takes variables, and says what is wrong with them before anything is sent", async () => {
    const page = await viewer.open("/graph");
    await page.getByLabel("Begin with").selectOption("leads");
    await page.waitForURL(/first=leads/);
    const variables = page.getByLabel("Variables, as JSON");
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.postData() ?? ""));
    await variables.fill("{ first: 3 }");
    await run(page);
    await page.getByRole("alert").filter({ hasText: "Not JSON" }).waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await variables.fill("[3]");
    await run(page);
    await page.getByRole("alert").filter({ hasText: "Not an object" }).waitFor();
    expect(sent.filter((body) => body.includes("Leads"))).toEqual([]);
    await variables.fill('{ "first": 3 }');
    await run(page);
    await page.getByText('"lead": {').first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("says so where nothing was executed, nobody was asked, nothing decided, or the gateway is away", async () => {
    const page = await viewer.open("/graph?tab=plan");
    const query = page.getByLabel("Query");
    await query.fill("{ nothing }");
    await run(page);
    await page.getByText("It was not executed").waitFor();
    await page.getByRole("link", { name: "The answer" }).click();
    await page.getByText("GRAPHQL_VALIDATION_FAILED").waitFor();
    expect(await query.inputValue()).toBe("{ nothing }");
    await tab(page, "Plan");
    await query.fill("{ __typename }");
    await run(page);
    await page.getByText("No subgraph was asked").waitFor();
    await tab(page, "Decisions");
    await page.getByText("No decisions were asked").waitFor();
    await page.route("**/graphql", (route) => route.abort());
    await run(page);
    await page.getByText("The gateway does not answer").waitFor();
    expect(await violationsIn(page)).toEqual([]);
  });

  it("is beside GraphiQL too, whose answers are those that were asked for", async () => {
    const { origin } = new URL(graph.decibel.url);
    // GraphiQL's workers.
    viewer.allow(`blob:${origin}`);
    const page = await viewer.open("/graphql");
    await page.getByRole("button", { name: "Plan" }).click();
    await page.getByText("Nothing to show yet").waitFor();
    const answered = page.waitForResponse(
      (response) => response.request().postData()?.includes('"explain":true') === true,
    );
    await page.getByRole("button", { name: /Execute query/ }).click();
    expect(await (await answered).text()).toContain('"extensions":{"explain":');
    await page.getByRole("region", { name: "The plan" }).getByRole("row").nth(3).waitFor();
    await page.getByRole("button", { name: "Decisions" }).click();
    await page.getByRole("link", { name: "campaign_targeting" }).waitFor();
    const shown = page.locator(".result-window");
    await shown.getByText('"data"').waitFor();
    expect(await shown.innerText()).not.toContain("explain");
    expect(await violationsIn(page, ["#decibel-panel", "aside"])).toEqual([]);
  });

  it("never asks another host, and writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
