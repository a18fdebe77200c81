/** Tokens: those that are accepted say who the caller is, and every other one is refused by what is wrong with it. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from "jose";
import type { CryptoKey, JWK } from "jose";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { COOLDOWN_MS, FRESH_MS, USABLE_MS } from "../../../gateway/access/issuer-keys.ts";
import { MAX_TOKEN, TOLERANCE_MS, createTokenVerifier } from "../../../gateway/access/tokens.ts";
import type { TokenVerifier } from "../../../gateway/access/tokens.ts";
import { SCOPES } from "../../../schema/scope.ts";
import { AUDIENCE, ISSUER, SECRET, TOKEN_SETTINGS, claimsAt, tokenFor } from "../../support/tokens.ts";
import type { Claims } from "../../support/tokens.ts";
import type { LogLine } from "../../support/decibel.ts";
import { NOW } from "../../support/now.ts";

const SECOND_MS = 1000;
const now = (): number => NOW;
const logged: LogLine[] = [];
const log = pino({ level: "info" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
const bySecret = createTokenVerifier({ settings: TOKEN_SETTINGS, log, now, elapsed: now });

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = (ms: number): number => Math.floor((NOW + ms) / SECOND_MS);

/** The error of a token; it names no part of it. */
async function refusal(verifier: TokenVerifier, token: string): Promise<string> {
  const error: unknown = await verifier.verify(token).then(
    () => "accepted",
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) return String(error);
  for (const part of token.split(".")) if (part.length > 8) expect(JSON.stringify(error)).not.toContain(part);
  return error.message;
}

describe("a token", () => {
  it("says who the caller is, what it may do, and whose data exist for it", async () => {
    expect(await bySecret.verify(await tokenFor(NOW))).toEqual({
      id: "token:ada",
      scopes: new Set(SCOPES),
      accounts: undefined,
      // With the tolerance, as for requests.
      expiresAt: NOW + 300_000 + TOLERANCE_MS,
    });
    const claims = { sub: "auth0|7", scope: "graph:read  admin eligibility:read", accounts: ["Nordic Coffee", "ø"] };
    expect(await bySecret.verify(await tokenFor(NOW, claims))).toMatchObject({
      id: "token:auth0|7",
      scopes: new Set(["graph:read", "eligibility:read"]),
      accounts: new Set(["Nordic Coffee", "ø"]),
    });
  });

  it.each<[string, Claims, readonly string[]]>([
    ["a text", { scope: "graph:read audit:read" }, ["graph:read", "audit:read"]],
    ["a list", { scope: ["graph:read", "audit:read"] }, ["graph:read", "audit:read"]],
    ["`scp`", { scope: undefined, scp: ["graph:read"] }, ["graph:read"]],
    ["`scope` rather than `scp`", { scope: "audit:read", scp: "graph:read" }, ["audit:read"]],
    ["nothing", { scope: undefined }, []],
    ["other words", { scope: "openid graph:READ" }, []],
  ])("has the scopes of %s", async (_what, claims, scopes) => {
    expect((await bySecret.verify(await tokenFor(NOW, claims))).scopes).toEqual(new Set(scopes));
  });

  it("may name accounts, and none of them at all", async () => {
    expect((await bySecret.verify(await tokenFor(NOW, { accounts: [] }))).accounts).toEqual(new Set());
  });

  it.each(["HS256", "HS384", "HS512"])(
    "may be signed by %s, if the secret is as long as the hash",
    async (algorithm) => {
      expect(await bySecret.verify(await tokenFor(NOW, {}, algorithm))).toMatchObject({ id: "token:ada" });
      const key = { secret: SECRET.slice(0, 32) };
      const short = createTokenVerifier({ settings: { ...TOKEN_SETTINGS, key }, log, now, elapsed: now });
      const signed = new SignJWT(claimsAt(NOW)).setProtectedHeader({ alg: algorithm });
      const token = await signed.sign(new TextEncoder().encode(key.secret));
      const message = "Cannot answer: the token is signed by an algorithm that is not accepted";
      expect(await refusal(short, token)).toBe(algorithm === "HS256" ? "accepted" : message);
    },
  );

  it.each<[string, Claims, string]>([
    ["expired", { exp: seconds(-TOLERANCE_MS) }, "the token has expired"],
    ["without an end", { exp: undefined }, "the token has no claim exp"],
    ["with a text as its end", { exp: "never" }, "the claim exp of the token is not as expected"],
    ["not valid yet", { nbf: seconds(TOLERANCE_MS + SECOND_MS) }, "the token is not valid yet"],
    ["issued in the future", { iat: seconds(TOLERANCE_MS + SECOND_MS) }, "the token is not valid yet"],
    ["of another issuer", { iss: "https://login.example" }, "the token is of another issuer"],
    ["without an issuer", { iss: undefined }, "the token has no claim iss"],
    ["for another audience", { aud: "crm" }, "the token is for another audience"],
    ["for others", { aud: ["crm", "decibel2"] }, "the token is for another audience"],
    ["for nobody", { aud: undefined }, "the token has no claim aud"],
    ["without a subject", { sub: undefined }, "the token has no claim sub"],
    ["with an empty subject", { sub: "" }, "the claim sub of the token is not as expected"],
    ["with a subject in two lines", { sub: "ada\nlevel" }, "the claim sub of the token is not as expected"],
    ["with a subject too long", { sub: "a".repeat(201) }, "the claim sub of the token is not as expected"],
    ["with a number as subject", { sub: 7 }, "the claim sub of the token is not as expected"],
    ["with scopes that are none", { scope: { all: true } }, "the claim scope of the token is not as expected"],
    ["with accounts that are null", { accounts: null }, "the claim accounts of the token is not as expected"],
    ["with accounts that are a text", { accounts: "acme" }, "the claim accounts of the token is not as expected"],
    ["with accounts that are all", { accounts: true }, "the claim accounts of the token is not as expected"],
    [
      "with an account that is a number",
      { accounts: ["acme", 7] },
      "the claim accounts of the token is not as expected",
    ],
    ["with an empty account", { accounts: [""] }, "the claim accounts of the token is not as expected"],
    ["with too long an account", { accounts: ["a".repeat(201)] }, "the claim accounts of the token is not as expected"],
    ["too large", { more: "x".repeat(MAX_TOKEN) }, `the token is longer than ${MAX_TOKEN} characters`],
  ])("is refused if it is %s", async (_what, claims, reason) => {
    expect(await refusal(bySecret, await tokenFor(NOW, claims))).toBe(`Cannot answer: ${reason}`);
  });

  it.each<[string, Claims]>([
    ["expired a moment ago", { exp: seconds(SECOND_MS - TOLERANCE_MS) }],
    ["valid in a moment", { nbf: seconds(TOLERANCE_MS), iat: seconds(TOLERANCE_MS) }],
    ["for this audience too", { aud: ["crm", AUDIENCE] }],
  ])("is accepted if it is %s", async (_what, claims) => {
    expect(await bySecret.verify(await tokenFor(NOW, claims))).toMatchObject({ id: "token:ada" });
  });

  it("is refused if it is not signed, or anything of it was changed", async () => {
    const token = await tokenFor(NOW, { scope: "graph:read" });
    const [header = "", payload = "", signature = ""] = token.split(".");
    const more = encode(claimsAt(NOW));
    const wrong = "Cannot answer: the signature of the token is wrong";
    const unknown = "Cannot answer: the token is signed by an algorithm that is not accepted";
    const unreadable = "Cannot answer: the token cannot be read, or not be verified";
    const cases: readonly (readonly [string, string])[] = [
      [`${header}.${more}.${signature}`, wrong],
      [`${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`, wrong],
      [`${header}.${payload}.`, wrong],
      [`${encode({ alg: "none" })}.${payload}.`, unknown],
      [`${encode({ alg: "None" })}.${payload}.${signature}`, unknown],
      [`${encode({ alg: "RS256" })}.${payload}.${signature}`, unknown],
      [`${encode({ alg: "HS256", typ: "JWT" })}.${payload}.${signature}`, wrong],
      [`${encode({ alg: "HS256", crit: ["x"], x: 1 })}.${payload}.${signature}`, unreadable],
      [`${header}.${payload}`, unreadable],
      [`${header}.${payload}.${signature}.x.y`, unreadable],
      ["x", unreadable],
      ["..", unreadable],
    ];
    for (const [forged, message] of cases) expect([forged, await refusal(bySecret, forged)]).toEqual([forged, message]);
  });
});

interface Pair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** The issuer of the tests: what it publishes, and how it is now. */
const issuer = { keys: [] as JWK[], state: "up" as "up" | "down" | "silent" | "broken", reads: 0 };
const server = createServer((_request, response) => {
  issuer.reads += 1;
  if (issuer.state === "silent") return;
  if (issuer.state === "down") response.writeHead(503);
  response.end(issuer.state === "up" ? JSON.stringify({ keys: issuer.keys }) : '{"keys":[]}');
});
let url: string;
const pairs: Record<string, Pair> = {};

async function pairOf(kid: string, algorithm = "RS256"): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" } };
}
const pair = (kid: string): Pair => pairs[kid] ?? expect.fail(`there is no key ${kid}`);
const publish = (...kids: readonly string[]): void => void (issuer.keys = kids.map((kid) => pair(kid).jwk));
const signedBy = (kid: string, header: Readonly<Record<string, unknown>> = { kid }, claims?: Claims): Promise<string> =>
  new SignJWT(claimsAt(NOW, claims))
    .setProtectedHeader({ alg: pair(kid).jwk.alg ?? "", ...header })
    .sign(pair(kid).privateKey);

describe("a token of an issuer", () => {
  let time = 0;
  let verifier: TokenVerifier;
  const start = (timeoutMs?: number): void => {
    verifier = createTokenVerifier({
      settings: { key: { jwksUrl: url }, issuer: ISSUER, audience: AUDIENCE },
      log,
      now,
      elapsed: () => time,
      timeoutMs,
    });
    cleanups.push(() => verifier.close());
  };
  const cleanups: (() => Promise<void>)[] = [];
  const accepted = { id: "token:ada" };
  const UNKNOWN = "Cannot answer: the token is signed with a key that its issuer does not publish";
  const UNAVAILABLE = "Cannot answer: the issuer of tokens cannot be asked for its keys";

  beforeAll(async () => {
    for (const [kid, algorithm] of [
      ["first", "RS256"],
      ["second", "RS256"],
      ["other", "RS256"],
      ["pss", "PS384"],
      ["curve", "ES256"],
      ["edwards", "EdDSA"],
    ] as const)
      pairs[kid] = await pairOf(kid, algorithm);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys?tenant=1`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  afterEach(async () => {
    server.closeAllConnections();
    Object.assign(issuer, { state: "up", reads: 0 });
    logged.length = 0;
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  it("is verified by the key that it names, of every kind", async () => {
    start();
    publish("first", "pss", "curve", "edwards");
    for (const kid of ["first", "pss", "curve", "edwards"])
      expect(await verifier.verify(await signedBy(kid))).toMatchObject(accepted);
    expect(issuer.reads).toBe(1);
  });

  it("is not verified by its own key, by none, or by several", async () => {
    start();
    publish("first", "second");
    const { jwk } = pair("other");
    expect(await refusal(verifier, await signedBy("other", { jwk, kid: "first" }))).toBe(
      "Cannot answer: the signature of the token is wrong",
    );
    expect(await refusal(verifier, await signedBy("other", { jwk, jku: url, kid: "other" }))).toBe(UNKNOWN);
    expect(await refusal(verifier, await signedBy("first", {}))).toBe(
      "Cannot answer: the token does not say with which key it is signed",
    );
  });

  it("is refused if the public key was taken for a secret", async () => {
    start();
    publish("first");
    const [spki, jwk] = [await exportSPKI(pair("first").publicKey), JSON.stringify(pair("first").jwk)];
    for (const secret of [spki, spki.trim(), jwk, url]) {
      for (const algorithm of ["HS256", "HS384", "HS512"]) {
        const signed = `${encode({ alg: algorithm, kid: "first" })}.${encode(claimsAt(NOW))}`;
        const signature = createHmac(`sha${algorithm.slice(2)}`, secret)
          .update(signed)
          .digest("base64url");
        expect(await refusal(verifier, `${signed}.${signature}`)).toBe(
          "Cannot answer: the token is signed by an algorithm that is not accepted",
        );
      }
    }
    const unsigned = `${encode({ alg: "none", kid: "first" })}.${encode(claimsAt(NOW))}.`;
    expect(await refusal(verifier, unsigned)).toContain("an algorithm that is not accepted");
    expect(issuer.reads).toBe(0);
  });

  it("is accepted with a new key at once, but unknown ones do not ask again and again", async () => {
    start();
    publish("first");
    expect(await verifier.verify(await signedBy("first"))).toMatchObject(accepted);
    publish("first", "second");
    expect(await refusal(verifier, await signedBy("second"))).toBe(UNKNOWN);
    time += COOLDOWN_MS;
    const both = await Promise.all(
      [await signedBy("second"), await signedBy("second")].map((one) => verifier.verify(one)),
    );
    expect([both, issuer.reads]).toMatchObject([[accepted, accepted], 2]);
    for (let times = 0; times < 10; times += 1) expect(await refusal(verifier, await signedBy("other"))).toBe(UNKNOWN);
    expect(issuer.reads).toBe(2);
  });

  it("is refused ten minutes after its key was withdrawn", async () => {
    start();
    publish("first", "second");
    const token = await signedBy("first");
    expect(await verifier.verify(token)).toMatchObject(accepted);
    publish("second");
    time += FRESH_MS - 1;
    expect(await verifier.verify(token)).toMatchObject(accepted);
    expect(issuer.reads).toBe(1);
    time += 1;
    // Nobody waits for what is read behind them.
    await verifier.verify(token).catch(() => {});
    await expect.poll(() => refusal(verifier, token)).toBe(UNKNOWN);
  });

  it.each(["down", "broken"] as const)("is accepted for six hours while the issuer is %s", async (state) => {
    start();
    publish("first");
    expect(await verifier.verify(await signedBy("first"))).toMatchObject(accepted);
    issuer.state = state;
    const token = await signedBy("first");
    const readAt = time;
    for (const age of [FRESH_MS, USABLE_MS / 2, USABLE_MS - 1]) {
      time = readAt + age;
      expect(await verifier.verify(token)).toMatchObject(accepted);
    }
    await expect.poll(() => logged.length).toBe(1);
    time = readAt + USABLE_MS;
    expect(await refusal(verifier, token)).toBe(UNAVAILABLE);
    time += COOLDOWN_MS;
    expect(await refusal(verifier, await signedBy("first"))).toBe(UNAVAILABLE);
    expect(logged.map(({ msg }) => msg)).toEqual(["the issuer of tokens cannot be asked for its keys"]);
    issuer.state = "up";
    time += COOLDOWN_MS;
    expect(await verifier.verify(await signedBy("first"))).toMatchObject(accepted);
    expect(logged.at(-1)?.msg).toBe("the issuer of tokens can be asked for its keys again");
  });

  it("with a key that may be new is not called unknown while the issuer is down", async () => {
    start();
    publish("first");
    expect(await verifier.verify(await signedBy("first"))).toMatchObject(accepted);
    issuer.state = "down";
    time += COOLDOWN_MS;
    const error: unknown = await verifier.verify(await signedBy("second")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 503, code: "AUTHENTICATION_UNAVAILABLE", message: UNAVAILABLE });
    expect(await verifier.verify(await signedBy("first"))).toMatchObject(accepted);
  });

  it("waits with all others for one read of the keys, and not for one behind it", async () => {
    start();
    publish("first");
    const tokens = await Promise.all(Array.from({ length: 20 }, () => signedBy("first")));
    const all = await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect([all.length, issuer.reads]).toEqual([20, 1]);
    issuer.state = "silent";
    time += FRESH_MS;
    for (const token of tokens) expect(await verifier.verify(token)).toMatchObject(accepted);
    await expect.poll(() => issuer.reads).toBe(2);
  });

  it("does not wait for an issuer that does not answer", async () => {
    start(50);
    issuer.state = "silent";
    expect(await refusal(verifier, await signedBy("first"))).toBe(UNAVAILABLE);
  });
});
