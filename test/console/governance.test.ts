/** What the console shows of governance: the version then and now, what would have to change, checks, versions, impact, cases. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConsole } from "../../gateway/http/console-files.ts";
import { readTable } from "../../subgraphs/pipeline/table/otdt.ts";
import { newReceiptKey } from "../../subgraphs/platform/signing/receipt-keys.ts";
import { keepTables } from "../../subgraphs/records/decisions/model-versions.ts";
import { PATIENCE_MS, hasChromium, startViewer, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";
import { nodes } from "../support/contracts.ts";
import { FACTS_KEPT, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { NOW } from "../support/now.ts";
import { withRules } from "../support/rules.ts";
import { MINUTE_MS } from "../support/times.ts";
import { changedTable } from "../support/table-files.ts";

const PLAYBACK = "locations/location_playback.otdt";
const DAY_MS = 24 * 3_600_000;
const THEMES = ["light", "dark"] as const;

/** Soundtrack's budget grows with it: a test that reads all locations moves it first. */
let clock = NOW;
let graph: TestDecibel;
let viewer: Viewer;
let origin: string;

/** What every table says now, DENY where it says REVIEW: kept as a version of before. */
function strictTable(): string {
  const text = changedTable(PLAYBACK, (name, value) => (name === "verdict" && value === "REVIEW" ? "DENY" : undefined));
  return text.replace(/"version":\s*\d+/, '"version": 901');
}

describe.runIf(hasChromium())("the console", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel({
      // A version is believed for some intervals, by the clock that jumps.
      variables: { ...FACTS_KEPT, LEDGER_KEY: newReceiptKey(), OPENTEXT_VERSION_INTERVAL_MS: "3600000" },
      now: () => clock,
    });
    origin = new URL(graph.decibel.url).origin;
    await nodes(graph, "locations(first: 60)", "playback { verdict }");
    await nodes(graph, "episodes(first: 60)", "publishing { verdict }");
    const source = strictTable();
    const table = readTable(source, "location_playback.otdt");
    const [loaded] = [...graph.decibel.pipeline.models.values()];
    if (!loaded) expect.fail("there is no model");
    await keepTables(graph.decibel.database, [{ ...loaded.compiled, table, source }], () => NOW - DAY_MS);
    viewer = await startViewer(origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  /** In both themes. */
  async function expectAccessible(page: Page): Promise<void> {
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      expect(await violationsIn(page)).toEqual([]);
    }
  }

  async function evaluationOf(model: string, verdict: string): Promise<string> {
    const [found] = await nodes<{ readonly id: string }>(
      graph,
      `evaluations(first: 1, model: "${model}", verdict: ${verdict})`,
      "id",
    );
    return found?.id ?? expect.fail(`nothing was decided as ${verdict}`);
  }

  it("shows what a version says to the facts of a decision, and another one", async () => {
    const page = await viewer.open(`/decisions/${await evaluationOf("location_playback", "REVIEW")}`);
    const panel = page.getByRole("region", { name: "The version then and now" });
    const verdicts = panel.getByRole("row").filter({ hasText: "Verdict" }).getByRole("cell");
    await verdicts.nth(1).waitFor();
    expect(await verdicts.first().innerText()).toContain("REVIEW");
    expect(await verdicts.nth(1).innerText()).toContain("the same");
    await panel.getByLabel("Now").selectOption("901");
    await page.waitForURL(/now=901/);
    await panel.getByText("another one").waitFor();
    expect(await verdicts.nth(2).innerText()).toContain("DENY");
    await page.reload();
    await panel.getByText("another one").waitFor();
    await expectAccessible(page);
  });

  it("gives the receipt of a decision to take along, and says what it rests on", async () => {
    const id = await evaluationOf("episode_publishing", "DENY");
    const page = await viewer.open(`/decisions/${id}`);
    const proof = page.getByRole("region", { name: "Explanation" });
    await page.getByRole("button", { name: "Copy", exact: true }).waitFor();
    const { data } = await graph.query<{
      evaluation: { receipt: string; sufficient: readonly { readonly input: string }[] };
    }>("query ($id: ID!) { evaluation(id: $id) { receipt sufficient { input } } }", { id });
    expect(await page.getByLabel("Receipt").inputValue()).toBe(data.evaluation.receipt);
    const rests = data.evaluation.sufficient.map(({ input }) => input.replaceAll("_", " "));
    expect(rests.length).toBeGreaterThan(0);
    for (const words of rests) await proof.getByText(words, { exact: true }).first().waitFor();
  });

  it("says of an entity what would have to change, once that is opened", async () => {
    const episodes = await nodes<{
      readonly id: string;
      readonly publishing: {
        readonly verdict: string;
        readonly wouldAllow: { readonly changes: readonly { readonly input: string }[] } | null;
      } | null;
    }>(graph, "episodes(first: 60)", "id publishing { verdict wouldAllow { changes { input } } }");
    const denied = episodes.find(({ publishing }) => (publishing?.wouldAllow?.changes.length ?? 0) > 0);
    const asked: string[] = [];
    const page = await viewer.open("/models");
    page.on("request", (request) => asked.push(request.postData() ?? ""));
    await page.goto(`${origin}/episodes/${denied?.id}`);
    const card = page.getByRole("region", { name: "May it be published?" });
    await card.getByText("What would have to change").waitFor();
    const documents = Object.entries(readConsole()?.documents ?? {});
    const [hash = expect.fail("it is no operation")] = documents.find(([, text]) => /ExplainEpisode/.test(text)) ?? [];
    expect(asked.filter((body) => body.includes(hash))).toEqual([]);
    await card.getByText("What would have to change").focus();
    await page.keyboard.press("Enter");
    for (const { input } of denied?.publishing?.wouldAllow?.changes ?? [])
      await card.locator(".facts").getByText(input.replaceAll("_", " "), { exact: true }).first().waitFor();
    expect(asked.some((body) => body.includes(hash))).toBe(true);
    await card.getByText("Why exactly").click();
    await card.getByText(/the verdict, whatever the others are/).waitFor();
    await expectAccessible(page);
  });

  it("shows what is proven of a table, and leads to its rules and to facts that show it", async () => {
    const page = await viewer.open("/models/episode_publishing?tab=checks");
    await page.getByRole("region", { name: "Facts without a verdict" }).getByText("none").waitFor();
    await expectAccessible(page);
    const open = page.getByRole("region", { name: "Unknown facts that open" });
    await open.getByText("Sensitive Topics").waitFor();
    await open.getByRole("button", { name: "Try it" }).first().focus();
    await page.keyboard.press("Enter");
    await page.locator("tr.matched.ALLOW").first().waitFor();
    expect(page.url()).toBe(`${origin}/models/episode_publishing`);
    await page.goBack();
    await page
      .getByRole("table")
      .getByRole("link", { name: /^rule \d+$/ })
      .first()
      .click();
    await page.waitForURL(/rule=\d+/);
    const number = /rule=(\d+)/.exec(page.url())?.[1] ?? "";
    await page.locator("tr.pointed").getByText(number, { exact: true }).waitFor();
  });

  it("shows two versions in one table, with what changes proven beside it", async () => {
    const page = await viewer.open("/models/location_playback?tab=versions");
    await page.getByText("decides here", { exact: true }).waitFor();
    const changes = page.getByRole("region", { name: "What changes" });
    await changes.getByText("DENY").first().waitFor();
    const table = page.getByRole("region", { name: "Both versions, rule by rule" });
    const reviews = graph.decibel.pipeline.models
      .get("location_playback")
      ?.compiled.table.rules.filter(({ row }) => row["verdict"] === "REVIEW");
    await expect.poll(() => table.locator("tbody tr").count(), { timeout: PATIENCE_MS }).toBe(reviews?.length);
    expect(await table.locator("td del").first().innerText()).toBe("DENY");
    expect(await table.locator("td ins").first().innerText()).toBe("REVIEW");
    await page.getByLabel("Rules that are the same, too").check();
    await page.waitForURL(/all=1/);
    await expect.poll(() => table.locator("tbody tr").count(), { timeout: PATIENCE_MS }).toBeGreaterThan(10);
    await expectAccessible(page);
    await page.getByLabel("After").selectOption({ index: 0 });
    await changes.getByText(/^Nothing, proven for all/).waitFor();
  });

  it("compares a candidate with the table here, and finds whose verdict it would change", async () => {
    clock += MINUTE_MS;
    const page = await viewer.open("/models/location_playback?tab=versions");
    await page.getByText("decides here", { exact: true }).waitFor();
    await page
      .getByLabel("Choose a candidate")
      .setInputFiles({ name: "strict.otdt", mimeType: "application/json", buffer: Buffer.from(strictTable()) });
    await page.getByText("strict.otdt", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Find whom it changes" }).click();
    const { data } = await graph.query<{
      changeImpact: { today: { changed: number; considered: number; flips: { nodes: readonly object[] } } };
    }>(
      `query ($table: String!) { changeImpact(model: "location_playback", table: $table, days: 30) {
        today { changed considered flips(first: 20) { nodes { subject } } } } }`,
      { table: strictTable() },
    );
    const { changed, considered, flips } = data.changeImpact.today;
    expect(changed).toBeGreaterThan(0);
    const today = page.getByRole("region", { name: "Today", exact: true });
    await today.getByText(`Today: ${changed} of ${considered} would get another verdict`).waitFor();
    await expect.poll(() => today.locator("tbody tr").count(), { timeout: PATIENCE_MS }).toBe(flips.nodes.length);
    await expectAccessible(page);
    await page.getByRole("link", { name: "Impact" }).click();
    await page.getByRole("button", { name: "Find whom it changes" }).click();
    await today.getByText(`Today: ${changed} of ${considered} would get another verdict`).waitFor();
    await expectAccessible(page);
  });

  it("says everything that is wrong with a candidate", async () => {
    const page = await viewer.open("/models/location_playback?tab=versions");
    await page.getByText("decides here", { exact: true }).waitFor();
    await page.getByLabel("or paste the text of its file").fill(strictTable().replaceAll('"DENY"', '"MAYBE"'));
    const alert = page.getByRole("alert");
    await alert.getByText(/Cannot use this table for location_playback/).waitFor();
    expect(await alert.getByText(/expected ALLOW, REVIEW or DENY, got "MAYBE"/).count()).toBeGreaterThan(1);
    await page.getByRole("button", { name: "Remove it" }).click();
    await alert.waitFor({ state: "detached" });
  });

  it("runs the cases of a table, and loads one to be tried", async () => {
    const page = await viewer.open("/models/location_playback?tab=cases");
    await page.getByText(/^All \d+ cases are answered as expected/).waitFor();
    await expectAccessible(page);
    await page.getByLabel("Verdict").selectOption("DENY");
    await page.waitForURL(/verdict=DENY/);
    await page.getByRole("button", { name: "Try it" }).first().click();
    await page.locator("tr.matched.DENY").first().waitFor();
    expect(page.url()).toBe(`${origin}/models/location_playback`);
  });

  it("lists those of whom something is decided, and keeps that in the URL", async () => {
    clock += MINUTE_MS;
    const count = async (list: string): Promise<number> => {
      const { data, errors } = await graph.query<Readonly<Record<string, { totalCount: number }>>>(
        `{ ${list} { totalCount } }`,
      );
      expect(errors).toEqual([]);
      return Object.values(data)[0]?.totalCount ?? expect.fail("nothing was listed");
    };
    const page = await viewer.open("/campaigns");
    await page.locator("a.row").first().waitFor();
    await page.getByLabel("May go live").selectOption("yes");
    await page.waitForURL(/eligible=yes/);
    await page.getByText(`of ${(await count("campaigns(eligible: true)")).toLocaleString()}`).waitFor();
    await expectAccessible(page);
    await page.goto(`${origin}/locations?plays=no`);
    await page.getByText(`of ${(await count("locations(mayPlay: false)")).toLocaleString()}`).waitFor();
    const [campaign] = await nodes<{ readonly id: string }>(graph, "campaigns(first: 1)", "id");
    await page.goto(`${origin}/episodes`);
    await page.locator("a.row").first().waitFor();
    await page.getByLabel("May carry").selectOption(campaign?.id ?? "");
    await page.waitForURL(/for=campaign_/);
    const carried = await count(`episodes(eligibleFor: "${campaign?.id}")`);
    if (carried === 0) await page.getByText("None is like that").waitFor();
    else await page.getByText(`of ${carried.toLocaleString()}`).waitFor();
    await expectAccessible(page);
  });

  it("says where it cannot be said of all of a list, and leads back", async () => {
    await withRules(graph, "marketing_activation", { verdict: "DENY" }, async () => {
      await nodes(graph, "campaigns(first: 20)", "activation { verdict }");
      const page = await viewer.open("/campaigns?eligible=yes");
      await page.getByText("It cannot be said of all at once").waitFor();
      await page.getByText(/The decision service runs another table/).waitFor();
      await expectAccessible(page);
      await page.getByRole("button", { name: "Show all" }).click();
      await page.locator("a.row").first().waitFor();
      expect(page.url()).toBe(`${origin}/campaigns`);
    });
  });

  it("says that a list is too long to decide of all of it, and how it gets shorter", async () => {
    const small = await startTestDecibel({ variables: { ELIGIBILITY_MAX: "3" } });
    const other = new URL(small.decibel.url).origin;
    viewer.allow(other);
    try {
      const page = await viewer.open("/models");
      await page.goto(`${other}/campaigns?eligible=no`);
      await page.getByText(/^There are \d+, and up to 3 are decided of at once\. Choose a status/).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      await expectAccessible(page);
    } finally {
      await small.stop();
    }
  });

  it("never asks another host, and writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
