import { afterEach, describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSoundtrackSandbox } from "../../../subgraphs/sandbox/soundtrack/server.ts";
import type { SoundtrackSandboxOptions } from "../../../subgraphs/sandbox/soundtrack/server.ts";
import { createLocations } from "../../../subgraphs/sandbox/world/locations.ts";
import { createSoundtrack } from "../../../subgraphs/sources/soundtrack/client.ts";
import { connectSoundtrack } from "../../../subgraphs/sources/soundtrack/connection.ts";
import { unkeptFacts } from "../../support/facts.ts";
import type { Soundtrack } from "../../../subgraphs/sources/soundtrack/client.ts";
import { LOST, befalling, failure, misbehave, behave } from "../../support/sandbox-control.ts";
import { whole } from "../../support/whole.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const world = whole(createLocations({ scale: 1, now: new Date(NOW) }));
const zones = world.locations.flatMap((location) => location.zones.map(({ id }) => id));
const [one, two, three] = zones as [string, string, string];
const playlist = Buffer.from("Playlist,,1evening0001/").toString("base64");
const another = Buffer.from("Schedule,,1weekends0001/").toString("base64");
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

async function connectTo(sandbox: Sandbox): Promise<Soundtrack> {
  open.push(sandbox);
  const baseUrl = `${await sandbox.listen()}/v2`;
  const soundtrack = createSoundtrack(
    connectSoundtrack({ baseUrl, token: "sandbox", now: () => NOW, sleep: async () => {} }),
    unkeptFacts().of("soundtrack", {}),
  );
  open.push(soundtrack);
  return soundtrack;
}

async function start(options: Partial<SoundtrackSandboxOptions> = {}) {
  const sandbox = createSoundtrackSandbox({ world, now: () => NOW, ...options });
  return { sandbox, soundtrack: await connectTo(sandbox) };
}

/**
 * The requests since the last call of this: the number of zones that were read, or the source that was assigned to
 * zones.
 */
async function calls({ app }: Sandbox): Promise<readonly unknown[]> {
  const { recent } = (await app.inject("/sandbox/calls")).json<{
    recent: { body: { query: string; variables?: Record<string, unknown> } }[];
  }>();
  await app.inject({ method: "DELETE", url: "/sandbox/calls" });
  return recent.map(({ body: { query, variables } }) =>
    query.startsWith("mutation") ? variables?.["input"] : Object.keys(variables ?? {}).length,
  );
}

async function playFrom({ app }: Sandbox, zone: string): Promise<unknown> {
  const query = `{ soundZone(id: "${zone}") { playFrom { __typename ... on Playlist { id } ... on Schedule { id } } } }`;
  const headers = { authorization: "Basic sandbox" };
  const answer = await app.inject({ method: "POST", url: "/v2", headers, payload: { query } });
  return answer.json<{ data: { soundZone: { playFrom: unknown } } }>().data.soundZone.playFrom;
}

describe("assigning a source to sound zones", () => {
  it("assigns zones with another source, and nothing if there are none", async () => {
    const { sandbox, soundtrack } = await start();
    expect(await playFrom(sandbox, one)).toMatchObject({ __typename: "Schedule" });
    await calls(sandbox);
    expect(await soundtrack.assignSource([one], playlist)).toBe("CHANGED");
    expect(await calls(sandbox)).toEqual([1, { soundZones: [one], source: playlist }]);
    expect(await soundtrack.assignSource([one, two, one], playlist)).toBe("CHANGED");
    expect(await calls(sandbox)).toEqual([2, { soundZones: [two], source: playlist }]);
    expect(await soundtrack.assignSource([one, two], playlist)).toBe("UNCHANGED");
    expect(await calls(sandbox)).toEqual([2]);
    expect(await playFrom(sandbox, two)).toEqual({ __typename: "Playlist", id: playlist });
    expect(await soundtrack.assignSource([one], another)).toBe("CHANGED");
    expect(await playFrom(sandbox, one)).toEqual({ __typename: "Schedule", id: another });
  });

  it("reads a hundred zones in a query, and sends nothing for none", async () => {
    const { sandbox, soundtrack } = await start();
    const many = zones.slice(0, 120);
    expect(await soundtrack.assignSource(many, playlist)).toBe("CHANGED");
    expect(await calls(sandbox)).toEqual([
      100,
      { soundZones: many.slice(0, 100), source: playlist },
      20,
      { soundZones: many.slice(100), source: playlist },
    ]);
    expect(await soundtrack.assignSource([], playlist)).toBe("UNCHANGED");
    expect(await calls(sandbox)).toEqual([]);
  });

  it("happens once, also after a lost response", async () => {
    const { sandbox, soundtrack } = await start();
    await misbehave(sandbox, LOST);
    expect(await failure(soundtrack.assignSource([one, two], playlist))).toMatchObject({
      retryable: true,
      final: false,
    });
    await behave(sandbox);
    expect(await soundtrack.assignSource([one, two], playlist)).toBe("UNCHANGED");
    expect(await calls(sandbox)).toEqual([2, { soundZones: [one, two], source: playlist }, 2]);
  });

  it("continues an interrupted assignment", async () => {
    const { sandbox, soundtrack } = await start({ random: befalling(2) });
    const many = zones.slice(0, 120);
    await misbehave(sandbox, { status: 503, share: 0.5, only: "write" });
    expect((await failure(soundtrack.assignSource(many, playlist))).status).toBe(503);
    await behave(sandbox);
    await calls(sandbox);
    expect(await soundtrack.assignSource(many, playlist)).toBe("CHANGED");
    expect(await calls(sandbox)).toEqual([100, 20, { soundZones: many.slice(100), source: playlist }]);
  });

  it("fails permanently for an unknown zone, before any assignment", async () => {
    const { sandbox, soundtrack } = await start();
    const nobody = Buffer.from("SoundZone,,1nobody/").toString("base64");
    expect(await failure(soundtrack.assignSource([one, nobody], playlist))).toMatchObject({
      message: `Cannot ask soundtrack: it has no sound zone ${nobody}`,
      status: 404,
      final: true,
    });
    expect(await calls(sandbox)).toEqual([2]);
  });

  it("fails permanently for an unknown source", async () => {
    const { sandbox, soundtrack } = await start();
    expect(await failure(soundtrack.assignSource([one], "nothing"))).toMatchObject({ status: 404, final: true });
    expect(await playFrom(sandbox, one)).toMatchObject({ __typename: "Schedule" });
  });

  it("awaits a source that is new", async () => {
    const { soundtrack } = await start();
    const refused = await failure(soundtrack.assignSource([one], "nothing", true));
    expect(refused).toMatchObject({ status: 404, isAwaited: true, final: false });
  });

  it("is retryable without tokens, and changes nothing", async () => {
    let clock = NOW;
    const { sandbox, soundtrack } = await start({ bucket: { capacity: 5, perSecond: 1 }, now: () => clock });
    // Reading two zones and their sources costs four tokens; the two for the assignment are missing.
    expect(await failure(soundtrack.assignSource([one, two], playlist))).toMatchObject({
      status: 429,
      retryable: true,
    });
    clock += 3000;
    expect(await playFrom(sandbox, one)).toMatchObject({ __typename: "Schedule" });
  });

  it("treats a source of an unknown kind as another source", async () => {
    const { sandbox, soundtrack } = await answering();
    expect(await soundtrack.assignSource([three], playlist)).toBe("CHANGED");
    expect(await calls(sandbox)).toEqual([1, { soundZones: [three], source: playlist }]);
  });

  /** A Soundtrack whose zones all have a source that is neither a playlist nor a schedule. */
  async function answering() {
    const sandbox = createSandbox({
      name: "soundtrack",
      problem: () => ({}),
      routes: (app) =>
        void app.post<{ Body: { query: string } }>("/v2", ({ body }) =>
          body.query.startsWith("mutation")
            ? { data: { soundZoneAssignSource: { soundZones: [] } } }
            : { data: { a0: { playFrom: {} } } },
        ),
    });
    return { sandbox, soundtrack: await connectTo(sandbox) };
  }
});
