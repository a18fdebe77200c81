/** Acting in the console, as its users do: reviews in two windows, worklists, campaigns, effects. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";
import { PATIENCE_MS, hasChromium, startViewer, tooWideFor, violationsIn } from "../support/browser.ts";
import type { Viewer } from "../support/browser.ts";
import { mutate } from "../support/mutations.ts";
import { evaluationRecords } from "../../subgraphs/records/decisions/ledger.ts";
import type { Evaluation } from "../../subgraphs/pipeline/ledger.ts";

let graph: TestDecibel;
let viewer: Viewer;
let origin: string;

/** Of a double click. */
async function secondClick(page: Page, on: Locator): Promise<void> {
  await on.hover();
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
}

function eventually<Value>(read: () => Promise<Value> | Value) {
  return expect.poll(read, { timeout: PATIENCE_MS });
}

/** A review of a sponsorship. */
interface Requested {
  readonly request: { readonly campaign: { readonly name: string }; readonly episode: { readonly title: string } };
}
const NAMES = "request { ... on Sponsorship { campaign { name } episode { title } } }";
const inWords = ({ request: { campaign, episode } }: Requested): string => `${campaign.name} in ${episode.title}`;

describe.runIf(hasChromium())("the console", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    graph = await startTestDecibel();
    origin = new URL(graph.decibel.url).origin;
    viewer = await startViewer(origin);
  }, 120_000);
  afterAll(async () => {
    await viewer?.close();
    await graph?.stop();
  });

  const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();

  /** Opens so many reviews, of requests after those that are skipped. */
  async function submit(count: number, skipped = 0): Promise<void> {
    const campaigns = await nodes<{ readonly id: string }>(graph, "campaigns(first: 12)", "id");
    const fields = campaigns.map(({ id }, index) => `c${index}: placement(campaignId: "${id}") { verdict }`).join(" ");
    const episodes = await nodes<Record<string, { readonly verdict: string } | null> & { readonly id: string }>(
      graph,
      "episodes(first: 100, status: PUBLISHED)",
      `id ${fields}`,
    );
    const toReview = episodes.flatMap((episode) =>
      campaigns.flatMap(({ id }, index) =>
        episode[`c${index}`]?.verdict === "REVIEW" ? [{ campaignId: id, episodeId: episode.id }] : [],
      ),
    );
    for (const input of toReview.slice(skipped, skipped + count)) {
      const submission = { ...input, brand: "Halden Coffee", productCategory: "coffee" };
      const { errors } = await mutate(graph, "submitSponsorship", submission, "{ sponsorship { id } }");
      expect(errors).toEqual([]);
    }
  }

  it("shows a review that is opened, and takes one that is resolved elsewhere off the list by itself", async () => {
    const list = await viewer.open("/reviews");
    await list.getByText("Nobody has to look").waitFor();
    await submit(3);
    await eventually(() => list.locator("a.row").count()).toBe(3);
    const waiting = await nodes<Requested>(graph, "reviewQueue(first: 10)", NAMES);
    expect((await list.locator("a.row").allInnerTexts()).toSorted()).toEqual(waiting.map(inWords).toSorted());

    const other = await viewer.open("/reviews");
    await other.locator("a.row").first().waitFor();
    await other.keyboard.press("j");
    await other.keyboard.press("Enter");
    await heading(other, /Review for/);
    await other.getByText("Halden Coffee").waitFor();
    await other.locator("tr.matched.REVIEW").first().waitFor();
    const first = other.url();
    await other.keyboard.press("a");
    await other.keyboard.type("the segment is recorded apart");
    await other.keyboard.press("Enter");
    await other.waitForURL((url) => url.href !== first);
    await eventually(() => list.locator("a.row").count()).toBe(2);
    expect(await violationsIn(other)).toEqual([]);

    await other.goto(first);
    await other.getByText("It was answered").waitFor();
    await other.getByText(/^Opened/).waitFor();
    await other.getByText("the segment is recorded apart").waitFor();
  });

  it("says that somebody else was faster, and what they decided", async () => {
    const [review] = await nodes<{ readonly id: string }>(graph, "reviewQueue(first: 1)", "id");
    const page = await viewer.open("/graph");
    // No event arrives: the window learns of it by its own attempt.
    await page.routeWebSocket("**/graphql", () => {});
    await page.goto(`${origin}/reviews/${review?.id}`);
    await page.getByRole("form", { name: "Answer" }).waitFor();
    await page.keyboard.press("d");
    await page.keyboard.type("not with this brand");
    const input = { reviewId: review?.id, verdict: "ALLOW", note: "it is fine" };
    expect((await mutate(graph, "resolveReview", input, "{ review { id } }")).errors).toEqual([]);
    await page.keyboard.press("Enter");
    const answer = page.getByRole("status", { name: "Answer" });
    await answer.getByText("it is fine").waitFor();
    await answer.getByText("It was answered").waitFor();
    await answer.getByText("ALLOW").waitFor();
    await answer.getByText("by anonymous").waitFor();
    expect(await answer.getByLabel(/Your note was not sent/).inputValue()).toBe("not with this brand");
  });

  it("leads on to a review that nobody has answered meanwhile", async () => {
    await submit(6);
    const queued = await nodes<{ readonly id: string; readonly queue: string }>(
      graph,
      "reviewQueue(first: 20)",
      "id queue",
    );
    const queues = [...Map.groupBy(queued, ({ queue }) => queue).values()];
    const [first, second, third] = queues.find(({ length }) => length > 2) ?? expect.fail("no queue has three");
    const page = await viewer.open("/graph");
    // No event arrives.
    await page.routeWebSocket("**/graphql", () => {});
    await page.goto(`${origin}/reviews/${first?.id}`);
    await page.getByText("and opens the next one").waitFor();
    const input = { reviewId: second?.id, verdict: "ALLOW", note: "it is fine" };
    expect((await mutate(graph, "resolveReview", input, "{ review { id } }")).errors).toEqual([]);
    await page.keyboard.press("a");
    await page.keyboard.type("this one too");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/reviews/${third?.id}`);
  });

  it("keeps a note that is half typed where somebody else was faster", async () => {
    await submit(5);
    const [review] = await nodes<{ readonly id: string }>(graph, "reviewQueue(first: 1)", "id");
    const page = await viewer.open(`/reviews/${review?.id}`);
    await page.getByRole("form", { name: "Answer" }).waitFor();
    await page.keyboard.press("a");
    await page.keyboard.type("it would be fine, if");
    const input = { reviewId: review?.id, verdict: "DENY", note: "the competitor is on the list" };
    expect((await mutate(graph, "resolveReview", input, "{ review { id } }")).errors).toEqual([]);
    const begun = page.getByLabel(/Your note was not sent/);
    expect(await begun.inputValue()).toBe("it would be fine, if");
    await page.getByRole("status", { name: "Answer" }).getByText("the competitor is on the list").waitFor();
    await begun.focus();
    expect(await page.evaluate("String(getSelection())")).toBe("it would be fine, if");
    expect(await violationsIn(page)).toEqual([]);
  });

  it("leaves who has gone elsewhere where they are, once their answer is taken", async () => {
    const [review] = await nodes<{ readonly id: string }>(graph, "reviewQueue(first: 1)", "id");
    const page = await viewer.open(`/reviews/${review?.id}`);
    await page.getByRole("form", { name: "Answer" }).waitFor();
    await page.keyboard.press("a");
    await page.keyboard.type("the brand is known");
    const { promise, resolve } = Promise.withResolvers<undefined>();
    await page.route("**/graphql", async (route) => {
      if (route.request().postDataJSON().variables?.input === undefined) return route.continue();
      const response = await route.fetch();
      await promise;
      return route.fulfill({ response });
    });
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Models", exact: true }).click();
    await heading(page, "Models");
    const answered = page.waitForResponse((response) => response.request().postDataJSON()?.variables?.input);
    resolve(undefined);
    await answered;
    await page.evaluate("new Promise(requestAnimationFrame)");
    expect(page.url()).toBe(`${origin}/models`);
  });

  it("shows what others decided where the same rules matched", async () => {
    // The same request once more as the one that was answered.
    await submit(1);
    const open = await nodes<{ readonly id: string; readonly alike: readonly Requested[] }>(
      graph,
      "reviewQueue(first: 10)",
      `id alike { ${NAMES} }`,
    );
    const { id, alike } = open.find((one) => one.alike.length > 0) ?? expect.fail("there are no like cases");
    const page = await viewer.open(`/reviews/${id}`);
    const cases = page.getByRole("region", { name: "Like cases" });
    await eventually(() => cases.getByRole("link").allInnerTexts()).toEqual(alike.map(inWords));
  });

  it("keeps reviews up to date in many windows at once, which share the connections of one browser", async () => {
    await submit(2, 3);
    const [review, ...left] = await nodes<{ readonly id: string }>(graph, "reviewQueue", "id");
    const first = await viewer.open("/reviews");
    const others = Array.from({ length: 6 }, async () => {
      const page = await first.context().newPage();
      await page.goto(`${origin}/reviews`);
      return page;
    });
    const pages = [first, ...(await Promise.all(others))];
    const seen = () => Promise.all(pages.map((page) => page.locator("a.row").count()));
    await eventually(seen).toEqual(pages.map(() => left.length + 1));
    const input = { reviewId: review?.id, verdict: "ALLOW", note: "all windows are told" };
    expect((await mutate(graph, "resolveReview", input, "{ review { id } }")).errors).toEqual([]);
    await eventually(seen).toEqual(pages.map(() => left.length));
    await first.context().close();
  });

  it.each([
    ["none can be opened", 1013],
    ["its end is final to the library", 4500],
  ])("asks again now and then where no events come by a WebSocket, because %s", async (_, code) => {
    await submit(1, 5 + (code % 2));
    const [review] = await nodes<{ readonly id: string }>(graph, "reviewQueue(first: 1)", "id");
    const page = await viewer.open("/graph");
    await page.routeWebSocket("**/graphql", (socket) => socket.close({ code }));
    await page.goto(`${origin}/reviews`);
    await page.locator("a.row").first().waitFor();
    const before = await page.locator("a.row").count();
    await page.clock.install({ time: NOW });
    const input = { reviewId: review?.id, verdict: "ALLOW", note: "nobody is told" };
    expect((await mutate(graph, "resolveReview", input, "{ review { id } }")).errors).toEqual([]);
    await eventually(async () => {
      await page.clock.fastForward(10_000);
      return page.locator("a.row").count();
    }).toBe(before - 1);
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.close();
  });

  it("records a licence from its row, by keyboard", async () => {
    const page = await viewer.open("/worklists");
    await page.locator("a.row").first().waitFor();
    const id = (await page.locator("a.row").first().getAttribute("href"))?.replace("/locations/", "");
    await page.getByRole("button", { name: "Record licence" }).first().focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await dialog.getByLabel("Status").selectOption("ACTIVE");
    await dialog.getByLabel(/^Until/).fill("2027-03-01");
    await dialog.getByRole("button", { name: "Check first" }).press("Enter");
    const then = await dialog.getByText("Then: may it play music?").innerText();
    await dialog.getByText("Nothing would change outside of Decibel.").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Record it" }).press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    expect(await page.getByRole("alert").count()).toBe(0);
    const { data } = await graph.query<{ readonly location: { readonly playback: { readonly verdict: string } } }>(
      "query ($id: ID!) { location(id: $id) { playback { verdict } } }",
      { id },
    );
    expect(then.split(/\s+/).at(-1)).toBe(data.location.playback.verdict);
  });

  it("resolves a support case with its outcome", async () => {
    const before = (await nodes(graph, "caseWorklist(first: 200)", "id")).length;
    const page = await viewer.open("/worklists?list=cases");
    await page.locator("td.act button").first().click();
    const dialog = page.getByRole("dialog");
    const title = await dialog.getByRole("heading").innerText();
    await dialog.getByLabel("The outcome, in words").fill("A credit was given");
    await dialog.getByRole("button", { name: "Resolve it" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(title).toContain("Resolve the case of");
    const open = page.locator("td.act button");
    await eventually(async () => (await nodes(graph, "caseWorklist(first: 200)", "id")).length).toBeLessThan(before);
    expect(await open.count()).toBeGreaterThan(0);
  });
  it("leads from a case of the list to who takes it and why, and says how it ended", async () => {
    const [first] = await nodes<{ readonly account: string; readonly routing: { readonly queue: string } }>(
      graph,
      "caseWorklist(first: 1)",
      "account routing { queue }",
    );
    const page = await viewer.open("/worklists?list=cases");
    await page.locator("a.row").first().click();
    await heading(page, `Case of ${first?.account}`);
    const card = page.getByRole("region", { name: "Who takes it, and how urgently?" });
    await card.getByText(first?.routing.queue ?? "", { exact: true }).waitFor();
    await card
      .getByRole("link", { name: /^rule \d/ })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Resolve" }).click();
    await page.getByLabel("The outcome, in words").fill("They were called back");
    await page.getByRole("button", { name: "Resolve it" }).click();
    await page.getByText("They were called back").waitFor();
    await page.getByText("resolved", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: "Resolve" }).count()).toBe(0);
  });

  it("says why the rules do not allow a campaign to go live", async () => {
    const campaigns = await nodes<{
      readonly id: string;
      readonly status: string;
      readonly activation: {
        readonly verdict: string;
        readonly reasons: readonly { readonly message: string; readonly verdict: string }[];
      } | null;
    }>(graph, "campaigns(first: 60)", "id status activation { verdict reasons { message verdict } }");
    const refused = campaigns.find(({ status, activation }) => status !== "ACTIVE" && activation?.verdict === "DENY");
    const reasons = refused?.activation?.reasons ?? [];
    const page = await viewer.open(`/campaigns/${refused?.id}`);
    await page.getByRole("button", { name: "Activate" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Check first" }).click();
    await dialog.getByText("Checked: nothing was done.").waitFor();
    await dialog.getByText("DENY", { exact: true }).waitFor();
    await dialog.getByText("Nothing would change outside of Decibel.").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Activate it" }).click();
    const said = page.getByText("the rules do not allow it, and nothing was changed");
    await said.waitFor();
    const deciding = reasons.filter(({ verdict }) => verdict === "DENY");
    const milder = reasons.filter(({ verdict }) => verdict !== "DENY");
    expect(milder).not.toEqual([]);
    for (const place of [page.locator(".notice"), page.getByRole("region", { name: "May it go live?" })]) {
      const shown = await place.locator("li", { has: page.getByRole("img") }).all();
      expect(shown).toHaveLength(reasons.length);
      for (const [index, item] of shown.entries()) {
        const [one = ""] = [...deciding, ...milder].slice(index).map(({ message }) => message);
        const isMuted = await item.evaluate(({ classList }) => classList.contains("muted"));
        expect([isMuted, await item.innerText()]).toEqual([index >= deciding.length, expect.stringContaining(one)]);
      }
      await shown.at(-1)?.getByRole("img", { name: "ALLOW" }).waitFor();
    }
    expect(await violationsIn(page)).toEqual([]);
  });

  it("checks a change first: it says what would be decided and told, and does nothing", async () => {
    const one = "id status requestedStatus activation { verdict }";
    const campaigns = await nodes<{
      readonly id: string;
      readonly status: string;
      readonly activation: { readonly verdict: string } | null;
    }>(graph, "campaigns(first: 60)", one);
    const allowed = campaigns.find(({ status, activation }) => status !== "ACTIVE" && activation?.verdict === "ALLOW");
    const before = await nodes(graph, "effects(first: 100)", "id");
    const page = await viewer.open(`/campaigns/${allowed?.id}`);
    await page.getByRole("button", { name: "Activate" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Check first" }).press("Enter");
    await dialog.getByText("Checked: nothing was done.").waitFor();
    await dialog.getByText("ALLOW", { exact: true }).waitFor();
    await dialog.getByText("would tell").first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violationsIn(page)).toEqual([]);
    }
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await nodes(graph, "effects(first: 100)", "id")).toEqual(before);
    const { data } = await graph.query<{ campaign: object }>(`query ($id: ID!) { campaign(id: $id) { ${one} } }`, {
      id: allowed?.id,
    });
    expect(data.campaign).toEqual(allowed);
  });

  it("checks a request again where its form has changed", async () => {
    const [location] = await nodes<{ readonly id: string }>(graph, "locations(first: 1)", "id");
    const page = await viewer.open(`/locations/${location?.id}`);
    await page.getByRole("button", { name: "Request a playlist" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Check first" }).click();
    expect(await dialog.getByRole("status").count()).toBe(0);
    await dialog.getByLabel("The playlist's name").fill("Sunday evening");
    await dialog.getByLabel(/^Tracks/).fill("spotify:track:4uLU6hMCjMI75M1A2tKUQC");
    await dialog.getByRole("button", { name: "Check first" }).click();
    const checked = dialog.getByText("Checked: nothing was done.");
    await checked.waitFor();
    await dialog.getByText("playlist_request").waitFor();
    await dialog.getByLabel("The playlist's name").fill("Sunday noon");
    await checked.waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(await page.getByText("Sunday evening").count()).toBe(0);
  });

  it("requests a branded playlist, and says what becomes of it", async () => {
    const [location] = await nodes<{ readonly id: string }>(graph, "locations(first: 1)", "id");
    const page = await viewer.open(`/locations/${location?.id}`);
    await page.getByRole("button", { name: "Request a playlist" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("The playlist's name").fill("Sunday morning");
    await dialog.getByLabel("What it is for").selectOption("PROMOTION");
    await dialog.getByLabel(/^Tracks/).fill("nonsense");
    await dialog.getByRole("button", { name: "Request it" }).click();
    await dialog.getByRole("alert").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await dialog.getByLabel(/^Tracks/).fill("https://open.spotify.com/intl-de/track/4uLU6hMCjMI75M1A2tKUQC?si=1");
    await dialog.getByRole("button", { name: "Request it" }).click();
    await page.getByText(/Request a playlist: (approved|rejected|somebody has to look at it)\./).waitFor();
    await page.getByRole("region", { name: "Playlist requests" }).getByText("Sunday morning").waitFor();
  });

  it("requests a placement, and opens a case, for a campaign", async () => {
    const [campaign] = await nodes<{ readonly id: string }>(graph, "campaigns(first: 1)", "id");
    const page = await viewer.open(`/campaigns/${campaign?.id}`);
    await page.getByRole("button", { name: "Request a placement" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Episode", { exact: true }).fill("no such TITLE");
    await dialog.getByText("No episode has that in its title.").waitFor();
    await dialog.getByLabel("Episode", { exact: true }).fill("the POISONED");
    const found = dialog.getByLabel("Episode, found");
    await found
      .getByRole("option", { name: /poisoned/i })
      .first()
      .waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await found.focus();
    await page.keyboard.press("ArrowDown");
    await dialog.getByLabel("Brand", { exact: true }).fill("Polder Bikes");
    await dialog.getByLabel("Category of the product").fill("bicycles");
    await dialog.getByRole("button", { name: "Request it" }).click();
    const requests = page.getByRole("region", { name: "Requests" });
    await requests.getByText("Polder Bikes").waitFor();
    await page.getByRole("button", { name: "Open a case" }).click();
    await dialog.getByLabel("Who complains or asks").fill("Polder Bikes");
    await dialog.getByLabel("Country").fill("nl");
    await dialog.getByLabel("What happened").fill("The ad ran after the end of the campaign");
    await dialog.getByRole("button", { name: "Open it" }).click();
    await requests.getByText("ad content, Polder Bikes").waitFor();
    await requests.getByText(/^The case is open\./).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("opens a case that is about no campaign, and says who takes it", async () => {
    const page = await viewer.open("/worklists?list=cases");
    await page.getByRole("button", { name: "Open a case" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Who complains or asks").fill("Kontorhuset");
    await dialog.getByLabel("Country").fill("se");
    await dialog.getByLabel("What happened").fill("The music stops at noon");
    await dialog.getByRole("button", { name: "Open it" }).click();
    await page.getByText(/takes it\.$/).waitFor();
    expect(await dialog.count()).toBe(0);
    const read = () =>
      nodes<{ readonly account: string; readonly description: string; readonly campaign: object | null }>(
        graph,
        "caseWorklist(first: 200)",
        "account description campaign { id }",
      );
    await eventually(async () =>
      (await read()).some(
        ({ account, description, campaign }) =>
          account === "Kontorhuset" && description === "The music stops at noon" && campaign === null,
      ),
    ).toBe(true);
  });

  it.each([
    ["an episode", "May it carry a campaign?", "episodes", "placement"],
    ["a listener", "May a campaign be shown to them?", "listeners", "activation"],
  ] as const)("says of %s what is decided with a campaign, which is in the URL", async (_, question, list, field) => {
    const [one] = await nodes<{ readonly id: string }>(graph, `${list}(first: 1)`, "id");
    const [campaign] = await nodes<{ readonly id: string; readonly name: string }>(graph, "campaigns", "id name");
    if (!one || !campaign) expect.fail("there must be one of each");
    const page = await viewer.open(`/${list}/${one.id}`);
    await page.getByLabel(question).selectOption(campaign.name);
    await page.waitForURL((url) => url.searchParams.get("campaign") === campaign.id);
    await page.reload();
    const card = page.getByRole("region", { name: question });
    await card.getByText("Why exactly").click();
    await card.getByText(/^(This fact fixes|These facts fix)/).waitFor();
    const text = `query { ${list.slice(0, -1)}(id: "${one.id}") { ${field}(campaignId: "${campaign.id}") { verdict } } }`;
    const { data } = await graph.query<Record<string, Record<string, { readonly verdict: string }>>>(text);
    const verdict = data[list.slice(0, -1)]?.[field]?.verdict ?? expect.fail("it is not decided");
    expect(await card.locator(".panel-head .verdict").textContent()).toBe(verdict);
    expect(await violationsIn(page)).toEqual([]);
    expect(await tooWideFor(page, [390])).toEqual([]);
    await page.context().close();
  });

  it("opens a row wherever somebody clicks in it", async () => {
    const page = await viewer.open("/campaigns");
    await page.locator("a.row").first().waitFor();
    const row = page.getByRole("row").nth(1);
    const title = await row.locator("a.row").innerText();
    await row.getByRole("cell").nth(1).click();
    await page.waitForURL(/\/campaigns\/campaign_/);
    await heading(page, title);
    expect(await page.title()).toBe(`${title} · Decibel`);
    await secondClick(page, page.getByRole("button", { name: "Apply targeting" }));
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("retries an effect that failed, and drops one after it is asked", async () => {
    const campaigns = await nodes<{ readonly id: string }>(graph, "campaigns(first: 2, status: ACTIVE)", "id");
    await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
    for (const { id } of campaigns)
      await mutate(graph, "applyTargeting", { campaignId: id, include: ["commuters"] }, "{ campaign { id } }");
    const page = await viewer.open("/effects?status=FAILED");
    const failed = page.locator(".badge").getByText("failed", { exact: true });
    await eventually(() => failed.count()).toBe(2);
    await graph.sandbox("spotify-ads").behave();
    const retry = page.getByRole("button", { name: "Retry" }).first();
    await retry.click();
    await eventually(() => failed.count()).toBe(1);
    // The second click of a double click is on the button that has come to the same place.
    await secondClick(page, retry);
    expect(await retry.isEnabled()).toBe(true);
    await page.getByRole("button", { name: "Drop" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Drop it" }).click();
    await eventually(() => failed.count()).toBe(0);
    expect(await nodes(graph, "effects(first: 10, status: FAILED)", "id")).toEqual([]);
  });

  it("gives the focus back after a dialog, and makes a change once whose answer was lost", async () => {
    const page = await viewer.open("/worklists?list=cases");
    const opens = page.getByRole("button", { name: "Open a case" });
    const hasFocus = () => opens.evaluate((button) => button.matches(":focus"));
    await opens.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await eventually(hasFocus).toBe(true);

    await opens.press("Enter");
    await dialog.getByLabel("Who complains or asks").fill("Lost and Found");
    await dialog.getByLabel("Country").fill("DE");
    await dialog.getByLabel("What happened").fill("The answer did not come.");
    const keys: unknown[] = [];
    await page.route("**/graphql", async (route) => {
      const { idempotencyKey } = route.request().postDataJSON().variables?.input ?? {};
      if (idempotencyKey === undefined) return route.continue();
      keys.push(idempotencyKey);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await dialog.getByRole("button", { name: "Open it" }).click();
    await dialog.getByText("Whether it was done is not known").waitFor();
    await dialog.getByRole("button", { name: "Open it" }).click();
    await page.getByText("The case is open").waitFor();
    await eventually(hasFocus).toBe(true);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(2);
  });

  it("draws what is seen of thousands of rows, and reads on as somebody scrolls", async () => {
    const many = Array.from({ length: 10_000 }, (_, index): Evaluation => ({
      id: `evaluation_00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      model: "campaign_targeting",
      version: "1",
      subject: "campaign_many",
      facts: {},
      factsDigest: "none",
      rows: [],
      verdict: "ALLOW",
      origin: "SERVICE",
      decidedAt: new Date(Date.UTC(2026, 1, 1, 0, 0, index)),
      expiresAt: new Date(Date.UTC(2026, 1, 2)),
      requestedBy: "test",
    }));
    for (let from = 0; from < many.length; from += 1000)
      await evaluationRecords(graph.decibel.database).write(many.slice(from, from + 1000));
    // Numbers are written as the page's language does, whatever the browser's.
    const page = await viewer.open("/decisions?subject=campaign_many", { locale: "de-DE" });
    const table = page.getByRole("region", { name: "Decisions" });
    await table.waitFor();
    await eventually(async () => {
      // Not by a key: its scrolling would go on for a while.
      await table.evaluate((region) => region.scrollTo(0, region.scrollHeight));
      return page.getByText(/^\d,\d00 of 10,000/).count();
    }).toBe(1);
    expect(await page.locator("tbody tr").count()).toBeLessThan(120);

    // Who leaves it comes back to where it was, also where it has to be read anew.
    const where = () => table.evaluate(({ scrollTop }) => scrollTop);
    const drawn = page.locator("tr[aria-rowindex='905']");
    await table.evaluate((region) => region.scrollTo(0, 900 * 38));
    await drawn.waitFor();
    const before = await where();
    await drawn.locator("a.row").click();
    await page.waitForURL(/evaluation_/);
    await page.goBack();
    await drawn.waitFor();
    expect(await where()).toEqual(before);
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.waitForResponse(/graphql/);
    expect(await where()).toEqual(before);
    const focused = () => page.locator("tr:focus-within").getAttribute("aria-rowindex");
    // From there the keys go on: below the header, and not above what is seen.
    await page.keyboard.press("j");
    expect([await focused(), await where()]).toEqual(["902", before]);
    await page.keyboard.press("k");
    expect(await focused()).toBe("901");
    const edges = await page.evaluate(() =>
      ["a.row:focus", "th"].map((name) => document.querySelector(name)?.getBoundingClientRect()),
    );
    expect(edges[0]?.top).toBeGreaterThanOrEqual(edges[1]?.bottom ?? Infinity);
    // A link to the list leads to its begin.
    await page.getByRole("navigation").getByRole("link", { name: "Decisions" }).click();
    await page.locator("tr[aria-rowindex='2']").waitFor();
    await page.goBack();
    await drawn.waitFor();

    await table.press("Home");
    await page.locator("tr[aria-rowindex='2']").waitFor();
  });

  it("finds a location by a part of its name, beyond the first page", async () => {
    const all = await nodes<{ readonly id: string; readonly name: string }>(graph, "locations(first: 200)", "id name");
    const last = all.at(-1) ?? expect.fail("there is no location");
    const page = await viewer.open("/locations");
    await page.locator("a.row").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(last.name);
    await page.locator("a.row", { hasText: last.name }).first().waitFor();
    // The address has it, and has to be taken by servers.
    await page.keyboard.insertText("!".repeat(20_000));
    await eventually(() => new URL(page.url()).searchParams.get("search")?.length).toBe(200);
    await page.getByLabel("Search").fill(last.id);
    await page.keyboard.press("Enter");
    await heading(page, last.name);
  });

  it.each(["DRAFT", "SUBMITTED", "SCHEDULED", "PUBLISHED"])(
    "offers for a %s episode what can be done",
    async (status) => {
      const [episode] = await nodes<{ readonly id: string }>(graph, `episodes(first: 1, status: ${status})`, "id");
      const input = { episodeId: episode?.id, dryRun: true };
      const submission = { ...input, disclaimers: [], approvals: [], languages: ["en"], markets: ["DE"] };
      const asked = [
        ["Submit", await mutate(graph, "submitEpisode", submission, "{ episode { id } }")],
        ["Publish", await mutate(graph, "publishEpisode", input, "{ episode { id } }")],
      ] as const;
      const possible = asked.filter(([, { errors }]) =>
        errors.every(({ extensions }) => extensions["code"] !== "CONFLICT"),
      );
      const page = await viewer.open(`/episodes/${episode?.id}`);
      await page.getByRole("region", { name: "About" }).waitFor();
      const offered = await page.getByRole("button", { name: /^(?:Submit|Publish)$/ }).allInnerTexts();
      expect(offered).toEqual(possible.map(([name]) => name));
    },
  );

  it("begins a second submission with the first one", async () => {
    const [episode] = await nodes<{ readonly id: string }>(graph, "episodes(first: 1, status: DRAFT)", "id");
    const first = {
      disclaimers: ["sponsorship", "alcohol"],
      approvals: ["legal"],
      languages: ["en", "de-AT"],
      markets: ["AT", "DE"],
    };
    const sent = { episodeId: episode?.id, ...first };
    expect((await mutate(graph, "submitEpisode", sent, "{ episode { id } }")).errors).toEqual([]);
    const page = await viewer.open(`/episodes/${episode?.id}`);
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByLabel("editorial").check();
    await page.getByRole("button", { name: "Submit it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("region", { name: "About" }).getByText("alcohol", { exact: true }).waitFor();
    const { data } = await graph.query(
      "query ($id: ID!) { episode(id: $id) { submission { disclaimers approvals languages markets } } }",
      { id: episode?.id },
    );
    expect(data).toEqual({ episode: { submission: { ...first, approvals: ["legal", "editorial"] } } });
  });

  it("lists those of one country, as the graph finds them, and keeps it in the address", async () => {
    const { data } = await graph.query<Record<"all" | "there", { readonly totalCount: number }>>(
      `{ all: listeners(first: 1) { totalCount } there: listeners(first: 1, country: "DE") { totalCount } }`,
    );
    const [all, there] = [data.all.totalCount, data.there.totalCount];
    expect([there > 0, there < all]).toEqual([true, true]);
    const page = await viewer.open("/listeners");
    const foot = (total: number) =>
      page
        .getByText(` of ${total.toLocaleString("en")}`, { exact: false })
        .last()
        .waitFor();
    await foot(all);
    await page.getByLabel("Country").pressSequentially("d");
    await foot(all);
    await page.getByLabel("Country").pressSequentially("e");
    await page.getByLabel("Country: Germany").waitFor();
    await foot(there);
    await page.reload();
    await foot(there);
    const countries = await page.locator("tbody td:nth-child(2)").allInnerTexts();
    expect([...new Set(countries)]).toEqual(["DE"]);
    expect(await violationsIn(page)).toEqual([]);
  });

  it("never asks another host, and writes no error", () => {
    expect(viewer.problems).toEqual([]);
  });
});
