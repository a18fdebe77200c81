/** What people really do with the console: they press Escape too early, click twice, go back, and are not alone. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { hasChromium, startViewer } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";

let graph: TestDecibel;
let viewer: Viewer;

interface Input {
  readonly idempotencyKey?: string;
  readonly dryRun?: boolean;
}

interface Held {
  /** The inputs of what was sent, in order. */
  readonly sent: readonly Input[];
  /** Lets the answers come that are there, and all later ones. */
  readonly release: () => void;
}

/** Changes reach the gateway, but their answers stay away until they are released. */
async function holdChanges(page: Page): Promise<Held> {
  const sent: Input[] = [];
  const { promise, resolve: release } = Promise.withResolvers<undefined>();
  await page.route("**/graphql", async (route) => {
    const input: Input | undefined = route.request().postDataJSON().variables?.input;
    if (input === undefined) return route.continue();
    sent.push(input);
    const response = await route.fetch();
    await promise;
    return route.fulfill({ response });
  });
  return { sent, release: () => release(undefined) };
}

describe.runIf(hasChromium())("the console", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel();
    viewer = await startViewer(new URL(graph.decibel.url).origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  describe("in a dialog", () => {
    async function openCase(page: Page) {
      await page.getByRole("button", { name: "Open a case" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Who complains or asks").fill("Impatient & Sons");
      await dialog.getByLabel("Country").fill("DE");
      await dialog.getByLabel("What happened").fill("It takes too long.");
      return dialog;
    }

    it("stays until it is known what has become of a change, and sends it once", async () => {
      const page = await viewer.open("/worklists?list=cases");
      const dialog = await openCase(page);
      const { sent, release } = await holdChanges(page);
      await dialog.getByRole("button", { name: "Open it" }).dblclick();
      await dialog.getByText("Sending…").waitFor();
      for (const _ of [1, 2, 3]) await page.keyboard.press("Escape");
      await page.mouse.click(5, 5);
      expect(await dialog.isVisible()).toBe(true);
      expect(await dialog.getByRole("button", { name: "Cancel" }).isDisabled()).toBe(true);
      release();
      await page.getByText(/^The case is open\./).waitFor();
      expect(await dialog.count()).toBe(0);
      expect(sent).toHaveLength(1);
    });

    it("does not show what was found of an input that has changed meanwhile", async () => {
      const page = await viewer.open("/worklists?list=cases");
      const dialog = await openCase(page);
      const { sent, release } = await holdChanges(page);
      const checks = dialog.getByRole("button", { name: "Check first" });
      await checks.click();
      await dialog.getByText("Checking…").waitFor();
      await dialog.getByLabel("Country").fill("FR");
      await checks.waitFor();
      const answered = page.waitForResponse(/graphql/);
      release();
      await answered;
      await page.evaluate("new Promise(requestAnimationFrame)");
      const found = dialog.getByText("Checked: nothing was done.");
      expect(await found.count()).toBe(0);
      await checks.click();
      await found.waitFor();
      expect(sent.map(({ dryRun }) => dryRun)).toEqual([true, true]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    });
  });

  it("writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
