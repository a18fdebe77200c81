/**
 * How does a test look at a page as its user would?
 *
 * In Chromium, as Debian installs it. Where there is none, the tests of pages are left out, loudly; under CI that is a failure.
 * A page may talk to its gateway alone, must not write an error to its console, and has the clock of the tests' world.
 */
import { existsSync } from "node:fs";
import axe from "axe-core";
import type { AxeResults } from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { NOW } from "./now.ts";

export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Milliseconds for something to appear: pages are fast, but the machine may be busy. */
export const PATIENCE_MS = 30_000;

export interface Viewer {
  /** A page of a window of its own. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Another host that pages may go to. */
  allow(other: string): void;
  /** What a page did that it must not do. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** Whether pages can be tested here. Throws under CI where they cannot. */
export function hasChromium(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const message = `SKIPPED, because there is no Chromium at ${CHROMIUM} (CHROMIUM): the console's pages are not tested`;
  if (process.env["CI"]) throw new Error(message);
  process.stderr.write(`\n${"!".repeat(80)}\n${message}\n${"!".repeat(80)}\n\n`);
  return false;
}

/** `origin` of the gateway; the name in it may be one that no resolver knows. */
export async function startViewer(origin: string): Promise<Viewer> {
  const { hostname } = new URL(origin);
  const args = ["--no-sandbox", `--host-resolver-rules=MAP ${hostname} 127.0.0.1`];
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args });
  const problems: string[] = [];
  const allowed = [origin, "data:"];
  return {
    problems,
    allow: (other) => void allowed.push(other),
    async open(path, options) {
      // Nothing moves: a colour on its way to another one is neither.
      const still = { viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" } as const;
      const context = await browser.newContext({ ...still, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      await page.clock.setFixedTime(NOW);
      page.on("request", (request) => {
        if (!allowed.some((start) => request.url().startsWith(start))) problems.push(`${path} asks ${request.url()}`);
      });
      page.on("pageerror", (error) => problems.push(`${path} fails: ${error.message}`));
      page.on("console", (message) => {
        // A browser notes each status of an error, and each connection that is refused.
        if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
          problems.push(`${path} says: ${message.text()}`);
      });
      await page.goto(`${origin}${path}`);
      return page;
    },
    close: () => browser.close(),
  };
}

/**
 * What is wrong for people who do not see, or see little, in the words of axe; with the element. `part`: of this element alone,
 * by the selectors of the shadows around it and its own.
 */
export async function violationsIn(page: Page, part?: readonly string[]): Promise<readonly string[]> {
  const context = part ? JSON.stringify({ fromShadowDom: part }) : "document";
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>(`globalThis.axe.run(${context}, { resultTypes: ['violations'] })`);
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** The widths, in pixels, of a window that the page would not fit in: it would have to be scrolled sideways. */
export async function tooWideFor(page: Page, widths: readonly number[]): Promise<readonly number[]> {
  const before = page.viewportSize();
  const found: number[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    if (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) found.push(width);
  }
  if (before) await page.setViewportSize(before);
  return found;
}
