/** What people really do with the console: they press Escape too early, click twice, go back, and are not alone. */
import type { Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";
import { mutate } from "../support/mutations.ts";
import { PATIENCE_MS, hasChromium, startViewer, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";

let graph: TestDecibel;
let viewer: Viewer;
let origin: string;

interface Held {
  /** The variables of what was sent, in order. */
  readonly sent: readonly Variables[];
  /** Lets the answers come that are there, and all later ones. */
  readonly release: () => void;
}

interface Variables {
  readonly input?: { readonly idempotencyKey?: string; readonly dryRun?: boolean };
  readonly first?: number;
  readonly after?: string | null;
  readonly model?: string | null;
  readonly search?: string;
}

function variablesOf(request: Request): Variables {
  return request.postDataJSON()?.variables ?? {};
}

/** What is asked reaches the gateway, but the answers stay away until they are released. */
async function hold(page: Page, isHeld: (variables: Variables) => boolean): Promise<Held> {
  const sent: Variables[] = [];
  const { promise, resolve: release } = Promise.withResolvers<undefined>();
  await page.route("**/graphql", async (route) => {
    const variables = variablesOf(route.request());
    if (!isHeld(variables)) return route.continue();
    sent.push(variables);
    const response = await route.fetch();
    await promise;
    return route.fulfill({ response });
  });
  return { sent, release: () => release(undefined) };
}

/** Lets what was held come, and be drawn. */
async function releaseInto(page: Page, { release }: Held): Promise<void> {
  const late = page.waitForResponse(/graphql/);
  release();
  await late;
  await page.evaluate("new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))");
}

const isChange = ({ input }: Variables): boolean => input !== undefined;

const FAILED = { data: null, errors: [{ message: "it took too long", extensions: { code: "UPSTREAM_TIMEOUT" } }] };

/** Notes with each frame for which model rows are asked for, and of which they are. */
const RECORD_MODELS = `{
  globalThis.shown = new Set();
  const record = () => {
    const asked = new URLSearchParams(location.search).get("model");
    for (const link of document.querySelectorAll("tbody a[href^='/models/']"))
      globalThis.shown.add(asked + " " + link.textContent);
    requestAnimationFrame(record);
  };
  record();
}`;

async function openCase(page: Page) {
  await page.getByRole("button", { name: "Open a case" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Who complains or asks").fill("Impatient & Sons");
  await dialog.getByLabel("Country").fill("DE");
  await dialog.getByLabel("What happened").fill("It takes too long.");
  return dialog;
}

/** What somebody sees of a page that has everything: where it is, how it begins, and what is in its fields. */
async function settled(page: Page) {
  await page.locator("main h1").waitFor();
  await expect.poll(() => page.locator("main .skeleton").count(), { timeout: PATIENCE_MS }).toBe(0);
  return page.evaluate(() => {
    const fields = document.querySelectorAll<HTMLInputElement>("main :is(input, select, textarea)");
    const main = document.querySelector<HTMLElement>("main");
    return {
      address: `${location.pathname}${location.search}`,
      text: main?.innerText.slice(0, 800),
      fields: Array.from(fields, ({ value }) => value),
    };
  });
}

describe.runIf(hasChromium())("the console", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel({ variables: { ALLOWED_HOSTS: "console.test" } });
    origin = new URL(graph.decibel.url).origin;
    viewer = await startViewer(origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  describe("in a dialog", () => {
    it("stays until it is known what has become of a change, and sends it once", async () => {
      const page = await viewer.open("/worklists?list=cases");
      const dialog = await openCase(page);
      const { sent, release } = await hold(page, isChange);
      await dialog.getByRole("button", { name: "Open it" }).evaluate((button: HTMLElement) => {
        button.click();
        button.click();
      });
      await dialog.getByText("Sending…").waitFor();
      const cancel = dialog.getByRole("button", { name: "Cancel" });
      const ground = (button: Element) => getComputedStyle(button).backgroundColor;
      await dialog.getByText("Sending…").hover();
      expect(await dialog.getByText("Sending…").evaluate(ground)).toBe(await cancel.evaluate(ground));
      for (const _ of [1, 2, 3]) await page.keyboard.press("Escape");
      await page.mouse.click(5, 5);
      expect(await dialog.isVisible()).toBe(true);
      expect(await cancel.isDisabled()).toBe(true);
      release();
      await page.getByText(/^The case is open\./).waitFor();
      expect(await dialog.count()).toBe(0);
      expect(sent).toHaveLength(1);
    });

    it("waits two minutes for an answer, and sends the same change again that may have been made", async () => {
      const page = await viewer.open("/worklists?list=cases");
      const dialog = await openCase(page);
      const { sent, release } = await hold(page, isChange);
      await page.clock.install({ time: NOW });
      await dialog.getByRole("button", { name: "Open it" }).click();
      await dialog.getByText("Sending…").waitFor();
      await page.clock.fastForward(120_000);
      await dialog.getByText("The gateway does not answer.").waitFor();
      release();
      await dialog.getByRole("button", { name: "Open it" }).click();
      await page.getByText(/^The case is open\./).waitFor();
      expect(new Set(sent.map(({ input }) => input?.idempotencyKey)).size).toBe(1);
      expect(sent).toHaveLength(2);
    });

    it("sends a change that is still being checked", async () => {
      const page = await viewer.open("/worklists?list=cases");
      const dialog = await openCase(page);
      const { sent, release } = await hold(page, ({ input }) => input?.dryRun === true);
      await dialog.getByRole("button", { name: "Check first" }).click();
      await dialog.getByText("Checking…").waitFor();
      await dialog.getByLabel("Country").press("Enter");
      await page.getByText(/^The case is open\./).waitFor();
      expect(sent).toHaveLength(1);
      release();
    });

    it("does not show what was found of an input that has changed meanwhile", async () => {
      const page = await viewer.open("/worklists?list=cases");
      const dialog = await openCase(page);
      const held = await hold(page, isChange);
      const checks = dialog.getByRole("button", { name: "Check first" });
      await checks.click();
      await dialog.getByText("Checking…").waitFor();
      await dialog.getByLabel("Country").fill("FR");
      await checks.waitFor();
      await releaseInto(page, held);
      const found = dialog.getByText("Checked: nothing was done.");
      expect(await found.count()).toBe(0);
      await checks.click();
      await found.waitFor();
      expect(held.sent.map(({ input }) => input?.dryRun)).toEqual([true, true]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    });
  });

  describe("in a list that is longer than a page", () => {
    it("keeps what is there where the next page fails, and offers to try again", async () => {
      const page = await viewer.open("/locations");
      const foot = page.locator(".table-foot");
      await foot.getByText(/^100 shown of/).waitFor();
      const asked: string[] = [];
      await page.route("**/graphql", async (route) => {
        const { after } = variablesOf(route.request());
        if (typeof after !== "string") return route.continue();
        asked.push(after);
        return asked.length === 1 ? route.fulfill({ json: FAILED }) : route.continue();
      });
      await page.getByRole("region", { name: "Locations" }).press("End");
      await page.getByText("The rest could not be read.").waitFor();
      expect(await foot.innerText()).toMatch(/^100 shown of/);
      expect(await violationsIn(page)).toEqual([]);
      await page.getByRole("button", { name: "Try again" }).click();
      await foot.getByText(/^1[1-9]\d shown of|^[2-9]\d\d shown of/).waitFor();
      expect(new Set(asked).size).toBe(1);
      expect(await page.getByText("The rest could not be read.").count()).toBe(0);
    });

    it("tries no page again by itself while it is searched, and says what was not read", async () => {
      const page = await viewer.open("/locations");
      await page.locator("a.row").first().waitFor();
      let failures = 0;
      await page.route("**/graphql", async (route) => {
        if (typeof variablesOf(route.request()).after !== "string") return route.continue();
        failures += 1;
        return route.fulfill({ json: FAILED });
      });
      await page.getByLabel("Search").fill("no location is called that");
      await page.getByText("The rest could not be read.").waitFor();
      expect(failures).toBe(1);
      await page.unroute("**/graphql");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("None is like that").waitFor();
    });
  });

  describe("never shows an answer to another question", () => {
    it("in a list, whichever answer comes first", async () => {
      await nodes(graph, "campaigns(first: 20)", "activation { verdict } targeting { verdict }");
      const page = await viewer.open("/decisions");
      await page.getByRole("row").nth(1).waitFor();
      await page.evaluate(RECORD_MODELS);
      const held = await hold(page, ({ model }) => model === "marketing_activation");
      await page.getByLabel("Model").selectOption("marketing_activation");
      await page.waitForURL(/model=marketing_activation/);
      await page.getByLabel("Model").selectOption("campaign_targeting");
      await page.getByRole("row").nth(1).getByText("campaign_targeting").waitFor();
      await releaseInto(page, held);
      const shown = await page.evaluate<readonly string[]>("[...globalThis.shown]");
      expect(shown.filter((pair) => !pair.startsWith("null "))).toEqual(["campaign_targeting campaign_targeting"]);
    });

    it("after a change, also where the list was being asked for before it", async () => {
      const page = await viewer.open("/worklists?list=cases");
      await page.locator("a.row").first().waitFor();
      const count = async () => Number(await page.getByRole("table").getAttribute("aria-rowcount"));
      const before = await count();
      const { sent, release } = await hold(page, ({ first, input }) => first !== undefined && input === undefined);
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await expect.poll(() => sent.length, { timeout: PATIENCE_MS }).toBe(1);
      await page.locator("td.act button").first().click();
      await page.getByLabel("The outcome, in words").fill("They were called back");
      await page.getByRole("button", { name: "Resolve it" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await expect.poll(() => sent.length, { timeout: PATIENCE_MS }).toBe(2);
      release();
      await expect.poll(count, { timeout: PATIENCE_MS }).toBe(before - 1);
    });

    it("in a search, whichever answer comes first", async () => {
      const [campaign] = await nodes<{ readonly id: string }>(graph, "campaigns(first: 1)", "id");
      const page = await viewer.open(`/campaigns/${campaign?.id}`);
      await page.getByRole("button", { name: "Request a placement" }).click();
      const search = page.getByRole("dialog").getByLabel("Episode", { exact: true });
      const found = page.getByRole("dialog").getByLabel("Episode, found").getByRole("option");
      await found.nth(1).waitFor();
      const held = await hold(page, ({ search: text }) => text === "the");
      const asked = page.waitForRequest((request) => variablesOf(request).search === "the");
      await search.fill("the");
      await asked;
      await search.fill("the poisoned");
      await found
        .filter({ hasText: /poisoned/i })
        .first()
        .waitFor();
      const before = await found.allInnerTexts();
      await releaseInto(page, held);
      expect(await found.allInnerTexts()).toEqual(before);
    });
  });

  describe("in every time zone", () => {
    it.each(["Pacific/Auckland", "America/Los_Angeles"])(
      "shows the day on which a licence ends, in %s",
      async (timezoneId) => {
        const [location] = await nodes<{ readonly id: string; readonly name: string }>(
          graph,
          "locations(first: 1)",
          "id name",
        );
        const input = { locationId: location?.id, status: "ACTIVE", tier: "events", expiresAt: "2027-03-01T23:59:59Z" };
        expect((await mutate(graph, "recordLicence", input, "{ location { id } }")).errors).toEqual([]);
        const page = await viewer.open("/locations", { timezoneId });
        const row = page.getByRole("row", { name: location?.name ?? "" }).first();
        await row.getByRole("cell", { name: "Mar 1, 2027", exact: true }).waitFor();
        await row
          .getByRole("link", { name: location?.name ?? "" })
          .first()
          .click();
        await page.getByRole("region", { name: "About" }).getByText("Mar 1, 2027", { exact: true }).waitFor();
        await page.getByRole("button", { name: "Record licence" }).click();
        expect(
          await page
            .getByRole("dialog")
            .getByLabel(/^Until/)
            .inputValue(),
        ).toBe("2027-03-01");
      },
    );

    it("asks for a playlist by the days of its location", async () => {
      const [location] = await nodes<{ readonly id: string; readonly timezone: string }>(
        graph,
        "locations(first: 1)",
        "id timezone",
      );
      expect(location?.timezone).toBe("America/Manaus");
      const page = await viewer.open(`/locations/${location?.id}`, { timezoneId: "Asia/Tokyo" });
      await page.getByRole("button", { name: "Request a playlist" }).click();
      const dialog = page.getByRole("dialog");
      const [today = "", tomorrow] = [0, 86_400_000].map((ms) => new Date(NOW + ms).toISOString().slice(0, 10));
      await dialog.getByLabel("The playlist's name").fill("Today alone");
      await dialog.getByLabel(/^Tracks/).fill("spotify:track:4uLU6hMCjMI75M1A2tKUQC");
      await dialog.getByLabel("First day").pressSequentially("0101202661");
      expect(await dialog.getByLabel("First day").inputValue()).toMatch(/^\d{4}-/);
      await dialog.getByLabel("First day").fill(today);
      await dialog.getByLabel("Last day").fill(today);
      const { sent, release } = await hold(page, isChange);
      release();
      await dialog.getByRole("button", { name: "Check first" }).click();
      await dialog.getByText("Checked: nothing was done.").waitFor();
      expect(sent[0]?.input).toMatchObject({
        startsAt: `${today}T04:00:00.000Z`,
        endsAt: `${tomorrow}T03:59:59.000Z`,
      });
    });
  });

  it("shows the same again on the way back, on the way forward, and when it is loaded anew", async () => {
    await nodes(graph, "locations(first: 20)", "playback { verdict }");
    const page = await viewer.open("/models");
    const toModels = page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Models" });
    for (const path of [
      "/worklists?list=cases",
      "/decisions?model=location_playback&verdict=DENY&hours=24",
      "/models/location_playback?search=licence",
      "/graph?tab=plan",
    ]) {
      await page.goto(`${origin}${path}`);
      const first = await settled(page);
      expect(first.address).toBe(path);
      await toModels.click();
      await page.getByRole("heading", { level: 1, name: "Models", exact: true }).waitFor();
      await page.goBack();
      expect(await settled(page)).toEqual(first);
      await page.reload();
      expect(await settled(page)).toEqual(first);
      await page.goForward();
      await page.getByRole("heading", { level: 1, name: "Models", exact: true }).waitFor();
    }
  });

  it("has room for a dialog in a window of 1280 by 900 that is enlarged twice", async () => {
    const [location] = await nodes<{ readonly id: string }>(graph, "locations(first: 1)", "id");
    const page = await viewer.open(`/locations/${location?.id}`, { viewport: { width: 640, height: 450 } });
    await page.getByRole("button", { name: "Request a playlist" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    const requests = dialog.getByRole("button", { name: "Request it" });
    await requests.focus();
    const isWhole = (element: Element) => {
      const { top, bottom, left, right } = element.getBoundingClientRect();
      return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
    };
    expect([await dialog.evaluate(isWhole), await requests.evaluate(isWhole)]).toEqual([true, true]);
  });

  it("copies, and changes, on a page that came without TLS from another machine", async () => {
    await nodes(graph, "locations(first: 1)", "playback { verdict }");
    const [evaluation] = await nodes<{ readonly id: string }>(graph, "evaluations(first: 1)", "id");
    const elsewhere = await startViewer(`http://console.test:${new URL(origin).port}`);
    const page = await elsewhere.open(`/decisions/${evaluation?.id}`);
    expect(await page.evaluate(() => [isSecureContext, "clipboard" in navigator])).toEqual([false, false]);
    const details = page.getByRole("region", { name: "Evaluation" });
    await details.getByRole("button", { name: /^Copy evaluation/ }).press("Enter");
    await details.getByText("Copied").first().waitFor();
    await page.getByRole("link", { name: "Decisions", exact: true }).first().click();
    await page.getByLabel("Subject").press("Control+V");
    expect(await page.getByLabel("Subject").inputValue()).toBe(evaluation?.id);
    await page.getByRole("link", { name: "Worklists" }).click();
    await page.getByRole("link", { name: "Support cases" }).click();
    await openCase(page).then((dialog) => dialog.getByRole("button", { name: "Open it" }).click());
    await page.getByText(/^The case is open\./).waitFor();
    // A header for pages over TLS is ignored here, and Chromium says so.
    expect(elsewhere.problems.filter((text) => !text.includes("Cross-Origin-Opener-Policy"))).toEqual([]);
    await elsewhere.close();
  });

  it("writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
