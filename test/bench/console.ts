/**
 * How long until somebody can use a page of the console?
 *
 * From the beginning of the navigation until the frame is drawn that has the first row, figure or field, in Chromium on this
 * machine: `first` with empty caches, `again` with full ones. Decibel runs in this process and shares the processors. Beside it,
 * `nothing` is the time until the gateway's shortest answer is drawn, which no page can be faster than. The window is there
 * before: Chromium takes processor time for a while after it has opened one.
 */
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { pino } from "pino";
import { startDecibel } from "../../subgraphs/decibel.ts";
import { readEnvironment } from "../../subgraphs/platform/environment.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { CHROMIUM, PATIENCE_MS } from "../support/browser.ts";
import { ANY_PORTS, ask } from "../support/decibel.ts";
import { median } from "./median.ts";

export interface ConsoleFigures {
  readonly page: string;
  /** Milliseconds, medians of the rounds. */
  readonly first: number;
  readonly again: number;
}

const ROUNDS = 9;
const SETTLED_MS = 700;
const ASKED_MS = 50;
const NOTHING = "/health";
/** Where there is nothing to list, a page says so. */
const LIST = "main a.row, main .state";
/** By path, what makes it useful. */
const PAGES = {
  [NOTHING]: "body",
  "/": "main .figure",
  "/reviews": LIST,
  "/worklists": LIST,
  "/campaigns": LIST,
  "/episodes": LIST,
  "/locations": LIST,
  "/listeners": LIST,
  "/decisions": LIST,
  "/models": LIST,
  "/effects": LIST,
  "/graph": "main textarea",
} as const;
/** So that there is something to show. */
const DECIDED = `{
  campaigns(first: 50) { nodes { activation { verdict } } }
  episodes(first: 50) { nodes { publishing { verdict } } }
  locations(first: 50) { nodes { playback { verdict } } }
}`;

export async function benchConsole(): Promise<readonly ConsoleFigures[]> {
  const decibel = await startDecibel(readEnvironment(ANY_PORTS, configurable), pino({ enabled: false }));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    await ask(decibel.url, DECIDED);
    const { origin } = new URL(decibel.url);
    const taken: { readonly page: string; readonly first: number; readonly again: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [page, useful] of Object.entries(PAGES))
        taken.push({ page, ...(await timesOf(browser, origin + page, useful)) });
    }
    return Object.keys(PAGES).map((page) => {
      const own = taken.filter((one) => one.page === page);
      return {
        page: page === NOTHING ? "nothing" : page,
        first: Math.round(median(own.map(({ first }) => first))),
        again: Math.round(median(own.map(({ again }) => again))),
      };
    });
  } finally {
    await browser.close();
    await decibel.stop();
  }
}

async function timesOf(browser: Browser, url: string, useful: string): Promise<{ first: number; again: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(`(${noteUseful.toString()})(${JSON.stringify(useful)})`);
    await page.waitForTimeout(SETTLED_MS);
    const first = await timeOf(page, url);
    await page.goto("about:blank");
    return { first, again: await timeOf(page, url) };
  } finally {
    await context.close();
  }
}

async function timeOf(page: Page, url: string): Promise<number> {
  await page.goto(url);
  for (let waited = 0; waited < PATIENCE_MS; waited += ASKED_MS) {
    const time = await page.evaluate<number | undefined>("globalThis.usefulAt");
    if (time !== undefined) return time;
    await page.waitForTimeout(ASKED_MS);
  }
  throw new Error(`Cannot measure ${url}: nothing useful was drawn`);
}

/** Runs in the page: notes when the frame is drawn that has such an element. */
function noteUseful(selector: string): void {
  const isThere = (): boolean => {
    if (!document.querySelector(selector)) return false;
    requestAnimationFrame(() => setTimeout(() => Object.assign(globalThis, { usefulAt: performance.now() })));
    return true;
  };
  if (isThere()) return;
  const observer = new MutationObserver(() => isThere() && observer.disconnect());
  observer.observe(document, { childList: true, subtree: true });
}
