/** Signing in to the console, and a gateway that goes away under an open page. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hash } from "node:crypto";
import { z } from "zod";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FIRST_QUERIES } from "../../gateway/console/graph/first-queries.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { PATIENCE_MS, hasChromium, startViewer, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";
import { TOKENS, authorized, tokenFor } from "../support/tokens.ts";
import type { Claims } from "../support/tokens.ts";
import { SCOPES } from "../../schema/scope.ts";
import type { Page } from "playwright-core";

const HOUR_MS = 3_600_000;

let issuer: Server;
let issuerOrigin: string;
let variables: Readonly<Record<string, string | undefined>>;
let graph: TestDecibel;
let viewer: Viewer;
let origin: string;
/** Of the gateway, in milliseconds since the epoch. */
let now = NOW;

const REFUSED = { errors: [{ message: "Cannot answer: it is revoked", extensions: { code: "UNAUTHENTICATED" } }] };

/** An issuer of tokens: who comes is Ada, and a code is good for whoever has its verifier. */
function createIssuer(): Server {
  const challenges = new Map<string, string>();
  return createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://issuer");
    if (url.pathname === "/authorize") {
      const given = Object.fromEntries(url.searchParams);
      const code = `code-${challenges.size}`;
      challenges.set(code, given["code_challenge"] ?? "");
      const back = new URL(given["redirect_uri"] ?? "");
      back.search = new URLSearchParams({ code, state: given["state"] ?? "" }).toString();
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const form = new URLSearchParams(body);
      const challenge = challenges.get(form.get("code") ?? "");
      const isGood = challenge === hash("sha256", form.get("code_verifier") ?? "", "base64url");
      void tokenFor(NOW).then((token) =>
        response
          .writeHead(isGood ? 200 : 400, { "content-type": "application/json" })
          .end(JSON.stringify(isGood ? { access_token: token, token_type: "Bearer" } : { error: "invalid_grant" })),
      );
    });
  });
}

/** By default by somebody with all scopes. */
async function ask(query: string, variables: object = {}, claims?: Claims): Promise<unknown> {
  const response = await fetch(graph.decibel.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(await authorized(NOW, claims)) },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

async function signIn(page: Page, claims?: Claims): Promise<void> {
  await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW, claims));
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
}

/** The latest decision is on a request. */
async function requestPlacement(): Promise<void> {
  const nodes = z.object({ nodes: z.tuple([z.object({ id: z.string() })]) });
  const { data } = z
    .object({ data: z.object({ campaigns: nodes, episodes: nodes }) })
    .parse(await ask("{ campaigns(first: 1) { nodes { id } } episodes(first: 1) { nodes { id } } }"));
  const [campaignId, episodeId] = [data.campaigns.nodes[0].id, data.episodes.nodes[0].id];
  const input = { campaignId, episodeId, brand: "Bean Brothers", productCategory: "coffee", competitors: [] };
  const submit =
    "mutation ($input: SubmitSponsorshipInput!) { submitSponsorship(input: $input) { sponsorship { id } } }";
  expect(await ask(submit, { input })).not.toHaveProperty("errors");
}

/** Whatever is asked for is there, and nothing of it was refused. */
async function isRead(page: Page): Promise<void> {
  await expect.poll(() => page.locator(".skeleton").count(), { timeout: PATIENCE_MS }).toBe(0);
  expect([page.url(), await page.getByText(/FORBIDDEN|This page takes/).count()]).toEqual([page.url(), 0]);
}

describe.runIf(hasChromium())("the console of a gateway that knows its callers", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    issuer = createIssuer();
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
    issuerOrigin = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    variables = {
      ...TOKENS,
      AUTH_OIDC_AUTHORIZE_URL: `${issuerOrigin}/authorize`,
      AUTH_OIDC_TOKEN_URL: `${issuerOrigin}/token`,
      AUTH_OIDC_CLIENT_ID: "decibel-console",
    };
    graph = await startTestDecibel({ variables, now: () => now });
    origin = new URL(graph.decibel.url).origin;
    viewer = await startViewer(origin);
    viewer.allow(issuerOrigin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
    issuer?.close();
  });

  afterEach(() => {
    now = NOW;
  });

  it("asks for a token, says what is wrong with one, and goes on where it was", async () => {
    const page = await viewer.open("/models");
    await page.getByLabel("A token, or an API key").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await page.getByLabel("A token, or an API key").fill("nonsense");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("the token cannot be read, or not be verified").waitFor();
    await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    await page.getByText("ada").waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    await page.getByText("ada").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You have signed out.").waitFor();
    expect(await page.evaluate("sessionStorage.length + localStorage.length")).toBe(0);
  });

  it("offers what the caller may do, and nothing else", async () => {
    const page = await viewer.open("/");
    await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW, { scope: "audit:read graph:read" }));
    await page.getByRole("button", { name: "Sign in" }).click();
    const navigation = page.getByRole("navigation", { name: "Console" });
    await navigation.waitFor();
    const offered = await navigation.getByRole("link").allInnerTexts();
    expect(offered).toContain("Decisions");
    expect(offered).not.toContain("Listeners");
    expect(offered).not.toContain("Worklists");
  });

  it("offers nothing that it refuses, whatever single scope somebody has", async () => {
    await requestPlacement();
    const offered: Record<string, readonly string[]> = {};
    const page = await viewer.open("/");
    for (const scope of SCOPES) {
      await signIn(page, { scope });
      const links = page.getByRole("navigation", { name: "Console" }).getByRole("link");
      await links.first().waitFor();
      offered[scope] = await links.allInnerTexts();
      for (const title of offered[scope]) {
        await links.getByText(title, { exact: true }).click();
        await heading(page, title);
        await isRead(page);
        const row = page.locator("main a.row").first();
        if ((await row.count()) === 0) continue;
        await row.click();
        await page
          .locator(".crumb")
          .or(page.getByRole("heading", { level: 1, name: "Decisions" }))
          .first()
          .waitFor();
        await isRead(page);
        if (scope === "audit:read" && title === "Decisions")
          await page.getByText("What was asked for takes the scope graph:read.").waitFor();
      }
      await page.locator("details.who summary").click();
      await page.getByRole("button", { name: "Sign out" }).click();
    }
    expect(offered).toEqual({
      "graph:read": ["Campaigns", "Episodes", "Locations", "Graph"],
      "eligibility:read": ["Graph"],
      "listeners:read": ["Listeners", "Graph"],
      "audit:read": ["Now", "Reviews", "Decisions", "Models", "Effects", "Graph"],
      "decisions:write": ["Graph"],
      "reviews:write": ["Graph"],
      "operations:write": ["Graph"],
    });
  });

  it.each(FIRST_QUERIES.map(({ title, ...query }) => [title, query] as const))(
    "answers a query to begin with to those whom it is offered to: %s",
    async (_title, { query, variables, scopes }) => {
      expect(await ask(query, variables, { scope: scopes.join(" ") })).not.toHaveProperty("errors");
    },
  );

  it("begins with the first page that is offered, and says of another one what it takes", async () => {
    const page = await viewer.open("/");
    await signIn(page, { scope: "graph:read" });
    await heading(page, "Campaigns");
    expect(page.url()).toBe(`${origin}/campaigns`);
    await page.getByRole("link", { name: "Episodes" }).click();
    await page.getByRole("link", { name: "Decibel" }).click();
    await heading(page, "Campaigns");
    for (const [path, title, scope] of [
      ["/listeners/listener_1", "Listeners", "listeners:read"],
      ["/worklists/cases/case_1", "Worklists", "eligibility:read"],
      ["/decisions?verdict=DENY", "Decisions", "audit:read"],
    ] as const) {
      await page.goto(`${origin}${path}`);
      await heading(page, title);
      await page.getByText(`This page takes the scope ${scope}, which your credential does not have.`).waitFor();
      expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    }
    expect(await violationsIn(page)).toEqual([]);
  });

  it("shows cases without what people wrote to those who may not see persons, and has them resolved", async () => {
    const page = await viewer.open("/worklists/cases/");
    await signIn(page, { scope: "graph:read eligibility:read decisions:write" });
    await page.waitForURL(`${origin}/worklists?list=cases`);
    await page.locator("main a.row").first().click();
    const about = page.getByRole("region", { name: "About" });
    await about.getByText("What people wrote may be personal: it takes the scope listeners:read.").waitFor();
    const card = page.getByRole("region", { name: "Who takes it, and how urgently?" });
    await card.getByText("(1 is the most urgent)").waitFor();
    // They take audit:read.
    expect(await card.getByRole("link").count()).toBe(0);
    expect(await violationsIn(page)).toEqual([]);
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.getByLabel("The outcome, in words").fill("A credit was given");
    await page.getByRole("button", { name: "Resolve it" }).click();
    await page.getByText("resolved", { exact: true }).first().waitFor();
    expect(await page.getByText("FORBIDDEN").count()).toBe(0);
  });

  it("says that a change was made whose decision the caller may not see", async () => {
    const page = await viewer.open("/campaigns?status=ACTIVE");
    await signIn(page, { scope: "graph:read decisions:write" });
    await page.locator("main a.row").first().click();
    await page.getByRole("button", { name: "Apply targeting" }).click();
    await page.getByRole("button", { name: "Apply it" }).click();
    await page.getByText("Apply targeting: sent. What the rules say takes the scope eligibility:read.").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("takes a token with broken lines, says at once what is none, and lets go of one that is refused", async () => {
    const page = await viewer.open("/models");
    const field = page.getByLabel("A token, or an API key");
    const token = await tokenFor(NOW);
    await field.fill(` ${token.slice(0, 40)}\n  ${token.slice(40)}\n`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await heading(page, "Models");
    await page.getByText("ada").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await field.fill("🔑 of the house");
    await page.getByRole("alert").filter({ hasText: "That is no token" }).waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    // More than a gateway takes in headers.
    await field.fill("x".repeat(50_000));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This could not be read").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You have signed out.").waitFor();
    // As one that was kept by a page that took it.
    await page.evaluate("sessionStorage.setItem('decibel.token', 'a\\nb 🔑')");
    await page.reload();
    await field.waitFor();
  });

  it("says what is not the caller's to see of a model and of a decision, and shows the rest", async () => {
    const asked = await ask("{ episodes(first: 1) { nodes { publishing { id } } } }");
    const { data } = z
      .object({
        data: z.object({
          episodes: z.object({ nodes: z.array(z.object({ publishing: z.object({ id: z.string() }) })) }),
        }),
      })
      .parse(asked);
    const page = await viewer.open("/models/episode_publishing?tab=impact");
    await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW, { scope: "audit:read graph:read" }));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("There is nothing to compare with yet").waitFor();
    await page.getByLabel("or paste the text of its file").fill("{}");
    await page.getByText("Not yours to see").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await page.getByRole("link", { name: "Checks" }).click();
    await page.getByText("For all facts a rule gives a verdict.").waitFor();
    await page.goto(`${origin}/decisions/${data.episodes.nodes[0]?.publishing.id}`);
    const why = page.getByRole("region", { name: "Explanation" });
    await why
      .getByText(/they take the scope/)
      .first()
      .waitFor();
    expect(await page.getByRole("region", { name: "The version then and now" }).count()).toBe(0);
    expect(await violationsIn(page)).toEqual([]);
    await page.goto(`${origin}/campaigns`);
    await page.getByLabel("Status").waitFor();
    expect(await page.getByLabel("May go live").count()).toBe(0);
  });

  it("shows no plan to a caller without graph:read, who may still ask", async () => {
    const page = await viewer.open("/graph?tab=plan");
    await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW, { scope: "audit:read" }));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Query").fill("{ decisionModels { key } }");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Not yours to see").waitFor();
    await page.getByRole("link", { name: "Answer" }).click();
    await page.getByText('"key": "placement_review"').waitFor();
    expect(await page.getByText("FORBIDDEN").count()).toBe(0);
  });

  it("leaves the playground to callers without graph:read as it is", async () => {
    viewer.allow(`blob:${origin}`);
    const page = await viewer.open("/graphql", {
      extraHTTPHeaders: { authorization: `Bearer ${await tokenFor(NOW, { scope: "eligibility:read" })}` },
    });
    await page.getByRole("button", { name: "Plan" }).click();
    await page.getByRole("button", { name: /Execute query/ }).click();
    await page.locator(".result-window").getByText('"campaigns"').first().waitFor();
    expect(await page.getByText("Nothing to show yet").count()).toBe(1);
  });

  it("says that a token has expired, and goes on where it was after signing in", async () => {
    const page = await viewer.open("/decisions?model=episode_publishing");
    const token = page.getByLabel("A token, or an API key");
    await token.fill(await tokenFor(now));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Verdict").selectOption("DENY");
    await page.getByText("No decision is like that").or(page.getByRole("row").nth(1)).waitFor();
    const signInAnew = async () => {
      await page.getByText("the token has expired").waitFor();
      await token.fill(await tokenFor(now));
      await page.getByRole("button", { name: "Sign in" }).click();
    };

    now += HOUR_MS;
    // As if somebody came back to the tab: all that is shown is asked for again.
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await signInAnew();
    await page.getByRole("heading", { level: 1, name: "Decisions" }).waitFor();
    expect(page.url()).toBe(`${origin}/decisions?model=episode_publishing&verdict=DENY`);
    expect(await page.getByLabel("Verdict").inputValue()).toBe("DENY");

    await page.getByRole("link", { name: "Worklists" }).click();
    await page.getByRole("link", { name: "Support cases" }).click();
    await page.getByRole("button", { name: "Open a case" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Who complains or asks").fill("Too Late Ltd");
    await dialog.getByLabel("Country").fill("DE");
    await dialog.getByLabel("What happened").fill("It took an hour to write this.");
    now += HOUR_MS;
    await dialog.getByRole("button", { name: "Open it" }).click();
    await signInAnew();
    await page.getByRole("button", { name: "Open a case" }).waitFor();
    expect(page.url()).toBe(`${origin}/worklists?list=cases`);
    expect(await page.getByText("Too Late Ltd").count()).toBe(0);
  });

  it("gives what one caller has asked to nobody else, and ends no other session for its refusal", async () => {
    const page = await viewer.open("/campaigns");
    const signIn = async (token: string) => {
      await page.getByLabel("A token, or an API key").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    const name = (who: string) => page.getByText(who, { exact: true });
    const [first, second] = await Promise.all([
      tokenFor(NOW),
      tokenFor(NOW, { sub: "grace", scope: "audit:read graph:read" }),
    ]);
    await signIn(first);
    await page.locator("a.row").first().waitFor();
    await name("ada").click();

    const { promise, resolve } = Promise.withResolvers<undefined>();
    const late: Promise<void>[] = [];
    await page.route("**/graphql", async (route) => {
      if (route.request().headers()["authorization"] !== `Bearer ${first}`) return route.continue();
      const response = await route.fetch();
      late.push(
        promise.then(() => route.fulfill(late.length % 2 === 0 ? { status: 401, json: REFUSED } : { response })),
      );
      return undefined;
    });
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(() => late.length).toBeGreaterThan(1);
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(second);
    await name("grace").waitFor();
    resolve(undefined);
    await Promise.all(late);
    await page.evaluate("new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))");
    expect(await name("grace").count()).toBe(1);
    expect(await page.getByRole("navigation").getByRole("link", { name: "Listeners" }).count()).toBe(0);
  });

  it("comes by the issuer, with a code that only it can use, and is back where it was", async () => {
    const page = await viewer.open("/decisions?verdict=DENY");
    await page.getByRole("button", { name: /Continue to 127.0.0.1/ }).click();
    await page.getByRole("heading", { level: 1, name: "Decisions" }).waitFor();
    expect(page.url()).toBe(`${origin}/decisions?verdict=DENY`);
    await page.goto(`${origin}/sign-in?code=code-0&state=guessed`);
    await page.getByText("Signing in was not begun in this tab. Begin again.").waitFor();
  });

  it("exchanges no code without what began it", async () => {
    const exchange = (body: object) =>
      fetch(`${origin}/sign-in/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const redirectUri = `${origin}/sign-in`;
    const guessed = await exchange({ code: "code-0", verifier: "v".repeat(43), redirectUri });
    expect(guessed.status).toBe(401);
    expect(await guessed.json()).toMatchObject({
      errors: [{ message: "Cannot sign in: the issuer does not accept the code; begin again" }],
    });
    expect((await exchange({ code: "code-0" })).status).toBe(400);
  });

  it("recovers when its gateway is gone and comes back", async () => {
    const page = await viewer.open("/models");
    await page.getByLabel("A token, or an API key").fill(await tokenFor(NOW));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Location Playback" }).waitFor();
    const port = new URL(origin).port;
    await graph.stop();
    await page.getByRole("link", { name: "Now" }).click();
    await page.getByText("The gateway does not answer.").first().waitFor();
    graph = await startTestDecibel({ variables: { ...variables, PORT: port } });
    await page.getByText("Nothing is wrong.").waitFor();
    await page.locator(".offline").waitFor({ state: "detached" });
    expect(viewer.problems).toEqual([]);
  });
});
