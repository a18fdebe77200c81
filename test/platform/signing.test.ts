/** Requests that a gateway signed are accepted once, as they were signed, and no others. */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { SCOPES } from "../../schema/scope.ts";
import { ANYBODY } from "../../subgraphs/platform/caller.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { decodeCaller, encodeCaller } from "../../subgraphs/platform/signing/caller-header.ts";
import { createSignatureGuard } from "../../subgraphs/platform/signing/guard.ts";
import { WINDOW_MS, memoryNonces, sharedNonces } from "../../subgraphs/platform/signing/nonces.ts";
import { HEADERS, createSigner } from "../../subgraphs/platform/signing/signature.ts";
import type { SignedRequest } from "../../subgraphs/platform/signing/signature.ts";
import { NOW } from "../support/now.ts";
import { redisForTests } from "../support/redis.ts";

const redis = await redisForTests();
const log = pino({ enabled: false });
const [SECRET, OTHER, THIRD] = ["first", "second", "third"].map((name) => `${name} secret of 32 bytes or more`) as [
  string,
  string,
  string,
];
const PARTNER: Caller = {
  id: "key:1a2b",
  scopes: new Set(["eligibility:read"]),
  accounts: new Set(["Nordic Café", "ø"]),
};
const BODY = '{"query":"{ campaigns { totalCount } }"}';
const SENT = {
  method: "POST",
  path: "/graphql",
  headers: {
    "content-type": "application/json",
    "x-request-id": "r-1",
    "cache-control": "no-cache",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  },
  body: BODY,
  caller: PARTNER,
};

function signed(subgraph = "campaigns", secret = SECRET, now = NOW): SignedRequest & { readonly headers: object } {
  const { method, path } = SENT;
  return { method, path, headers: createSigner({ secret, now: () => now })(subgraph)(SENT) };
}

function guard({ secrets = [SECRET], now = NOW, nonces = memoryNonces({ now: () => now }) } = {}) {
  return createSignatureGuard({ secrets, nonces, subgraph: "campaigns", now: () => now });
}

describe("a signed request", () => {
  it("is accepted, with its caller and its body", async () => {
    const request = signed();
    expect(await guard().check(request)).toEqual({ caller: PARTNER });
    expect(guard().hasSigned(request.headers, Buffer.from(BODY))).toBe(true);
    // Headers that say nothing to a subgraph may be added on the way.
    expect(await guard().check({ ...request, headers: { ...request.headers, via: "1.1 proxy" } })).toEqual({
      caller: PARTNER,
    });
  });

  const altered: readonly (readonly [what: string, change: (request: SignedRequest) => SignedRequest])[] = [
    ["its method", (request) => ({ ...request, method: "GET" })],
    ["its path", (request) => ({ ...request, path: "/graphql?query={__typename}" })],
    ...Object.entries({
      "x-request-id": "r-2",
      "cache-control": "max-age=1",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
      [HEADERS.caller]: encodeCaller(ANYBODY),
      [HEADERS.digest]: "another",
      [HEADERS.nonce]: randomUUID(),
      [HEADERS.time]: String(NOW + 1),
      [HEADERS.signature]: "A".repeat(43),
      "x-decibel-deadline": "1000",
    }).map(
      ([name, value]) =>
        [
          `${name}: ${value}`,
          ({ headers, ...request }: SignedRequest) => ({ ...request, headers: { ...headers, [name]: value } }),
        ] as const,
    ),
    ...[
      "x-request-id",
      "cache-control",
      "traceparent",
      HEADERS.caller,
      HEADERS.digest,
      HEADERS.nonce,
      HEADERS.time,
    ].map(
      (name) =>
        [
          `without ${name}`,
          ({ headers, ...request }: SignedRequest) => ({ ...request, headers: { ...headers, [name]: undefined } }),
        ] as const,
    ),
    [
      "its caller, repeated",
      ({ headers, ...request }) => ({
        ...request,
        headers: { ...headers, [HEADERS.caller]: `${String(headers[HEADERS.caller])}, ${encodeCaller(ANYBODY)}` },
      }),
    ],
  ];
  it.each(altered)("is refused if anything of it was changed: %s", async (_what, change) => {
    expect(await guard().check(change(signed()))).toEqual({ problem: "its signature is wrong" });
  });

  it("is refused with another body", () => {
    const { headers } = signed();
    for (const body of ["", "{}", `${BODY} `, BODY.replace("campaigns", "listeners")])
      expect(guard().hasSigned(headers, Buffer.from(body))).toBe(false);
  });

  it("is refused by another subgraph, and without its signature", async () => {
    expect(await guard().check(signed("listeners"))).toEqual({ problem: "its signature is wrong" });
    const { headers, ...request } = signed();
    for (const some of [{}, { ...headers, [HEADERS.signature]: undefined }])
      expect(await guard().check({ ...request, headers: some })).toEqual({ problem: "it is not signed by a gateway" });
  });

  it("is accepted once", async () => {
    const [request, campaigns] = [signed(), guard()];
    expect(await campaigns.check(request)).toEqual({ caller: PARTNER });
    expect(await campaigns.check(request)).toEqual({ problem: "it was here before" });
    expect(await campaigns.check(signed())).toEqual({ caller: PARTNER });
  });

  it.each([-WINDOW_MS - 1, -WINDOW_MS, 0, WINDOW_MS, WINDOW_MS + 1])(
    "is accepted only near its time: %d ms",
    async (late) => {
      const problem = "it was signed at another time; clocks may differ by 30 seconds";
      expect(await guard({ now: NOW + late }).check(signed())).toEqual(
        Math.abs(late) > WINDOW_MS ? { problem } : { caller: PARTNER },
      );
    },
  );

  it("may be signed by any of two secrets, while they change", async () => {
    const both = { secrets: [OTHER, SECRET] };
    expect(await guard(both).check(signed("campaigns", SECRET))).toEqual({ caller: PARTNER });
    expect(await guard(both).check(signed("campaigns", OTHER))).toEqual({ caller: PARTNER });
    expect(await guard(both).check(signed("campaigns", THIRD))).toEqual({ problem: "its signature is wrong" });
  });
});

describe("the caller in a header", () => {
  it.each([PARTNER, ANYBODY, { ...PARTNER, accounts: new Set<string>() }])("comes out as it went in: $id", (caller) => {
    expect(encodeCaller(caller)).toMatch(/^[\w-]+$/);
    expect(decodeCaller(encodeCaller(caller))).toEqual(caller);
  });

  const good = { id: "token:ada", scopes: ["graph:read"] };
  it.each([
    undefined,
    "ada",
    {},
    { ...good, id: "" },
    { ...good, id: "a\nb" },
    { ...good, id: "a".repeat(257) },
    { ...good, scopes: "graph:read" },
    { ...good, scopes: ["everything"] },
    { ...good, accounts: null },
    { ...good, accounts: "all" },
    { ...good, accounts: [7] },
    { ...good, admin: true },
  ])("is none if it is anything else: %j", (value) => {
    expect(decodeCaller(value && Buffer.from(JSON.stringify(value)).toString("base64url"))).toBeUndefined();
    expect(decodeCaller(JSON.stringify(good))).toBeUndefined();
    expect(new Set(good.scopes).isSubsetOf(new Set(SCOPES))).toBe(true);
  });
});

describe("the nonces of requests", () => {
  it("are remembered while their time is accepted, and not longer", async () => {
    let now = NOW;
    const nonces = memoryNonces({ now: () => now, max: 10 });
    for (let round = 0; round < 100; round += 1) {
      for (let one = 0; one < 10; one += 1) expect(await nonces.add(`${round} ${one}`, now)).toBe(true);
      expect(await nonces.add(`${round} 3`, now)).toBe(false);
      now += WINDOW_MS + 1;
    }
  });

  it("are bounded: with the oldest, everything of its time is forgotten and refused", async () => {
    const nonces = memoryNonces({ now: () => NOW, max: 3 });
    for (const [nonce, time] of [
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["d", 3],
    ] as const)
      expect(await nonces.add(nonce, NOW + time)).toBe(true);
    for (const nonce of ["a", "b", "c", "d", "e"]) expect(await nonces.add(nonce, NOW)).toBe(false);
    for (const [nonce, time] of [
      ["b", 1],
      ["d", 3],
    ] as const)
      expect(await nonces.add(nonce, NOW + time)).toBe(false);
    expect(await nonces.add("e", NOW + 1)).toBe(true);
  });

  it.runIf(redis)("are shared by the processes of one Redis", async () => {
    const make = () => sharedNonces({ url: String(redis), log, now: () => NOW });
    const [one, other] = [make(), make()];
    const nonce = randomUUID();
    // Connected.
    await expect.poll(async () => (await one.add(randomUUID(), NOW)) && other.add(randomUUID(), NOW)).toBe(true);
    expect([await one.add(nonce, NOW), await other.add(nonce, NOW), await one.add(nonce, NOW)]).toEqual([
      true,
      false,
      false,
    ]);
    await Promise.all([one.close(), other.close()]);
  });

  it("are those of the process while Redis is down", async () => {
    const nonces = sharedNonces({ url: "redis://127.0.0.1:1", log, now: () => NOW });
    expect([await nonces.add("a", NOW), await nonces.add("a", NOW), await nonces.add("b", NOW)]).toEqual([
      true,
      false,
      true,
    ]);
    await nonces.close();
  });
});
