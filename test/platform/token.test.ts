/** Which replies of a token endpoint are tokens, and for how long. */
import { expect, it, vi } from "vitest";
import { TokenReply, createToken } from "../../subgraphs/platform/token.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.parse("2026-03-10T12:00:00Z");

const lifetimeOf = (expires: unknown): number =>
  TokenReply.parse({ access_token: "a", ...(expires !== undefined && { expires_in: expires }) }).expires_in;

it.each([
  ["a.b-c_d~e+f/g==", true],
  ["", false],
  [" ", false],
  ["a b", false],
  ["a\n", false],
  ["a\r\nx-other: b", false],
  ["a\u0000", false],
  ["a\u007f", false],
  ["é", false],
  ["a\u2028b", false],
  ["a".repeat(20_000), false],
  [null, false],
  [undefined, false],
  [7, false],
  [["a"], false],
  [{ value: "a" }, false],
])("the token %j is one: %s", (text, isToken) => {
  expect(TokenReply.safeParse({ access_token: text }).success).toBe(isToken);
});

it("a refused token is in no message", () => {
  expect(TokenReply.safeParse({ access_token: "secret token" }).error?.message).not.toContain("secret");
});

it.each([
  [100, 100],
  ["100", 100],
  [undefined, 300],
  [null, 300],
  ["soon", 300],
  ["", 300],
  [0, 300],
  ["0", 300],
  [-1, 300],
  ["-1", 300],
  [true, 300],
  [[7], 300],
  [3_600_000, 86_400],
  ["9".repeat(400), 86_400],
  [1e300, 86_400],
])("a lifetime of %j is one of %d seconds", (expires, seconds) => {
  expect(lifetimeOf(expires)).toBe(seconds);
});

it.each([
  ["eight hours ahead", 8 * HOUR_MS],
  ["eight hours behind", -8 * HOUR_MS],
])("a token is renewed in time, though the clock that was %s is right again", async (_how, offMs) => {
  let clock = NOW + offMs;
  let fetched = 0;
  const token = createToken(
    async () => ({ accessToken: String((fetched += 1)), expiresIn: 3600 }),
    () => clock,
  );
  await token.authorization();
  clock = NOW;
  await token.authorization();
  clock += HOUR_MS;
  await token.authorization();
  expect(fetched).toBe(3);
});

it("a token is not renewed because the system's clock was set", async () => {
  let fetched = 0;
  const token = createToken(async () => ({ accessToken: String((fetched += 1)), expiresIn: 3600 }));
  try {
    for (const offMs of [0, 8 * HOUR_MS, -8 * HOUR_MS]) {
      vi.useFakeTimers({ now: NOW + offMs, toFake: ["Date"] });
      await token.authorization();
    }
    expect(fetched).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
