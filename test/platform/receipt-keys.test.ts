/** The keys of the ledger: one, or several of which the first signs. */
import { describe, expect, it } from "vitest";
import { newReceiptKey, readReceiptKeys } from "../../subgraphs/platform/signing/receipt-keys.ts";

const made = () => {
  const { kty, crv, x, d } = JSON.parse(newReceiptKey());
  return { kty, crv, x, d };
};

describe("keys of the ledger", () => {
  it("are all published, and the first signs: of the others the public part is enough", () => {
    const [signing, { d: _destroyed, ...before }] = [made(), made()];
    const { kid, privateKey, published } = readReceiptKeys(JSON.stringify({ keys: [signing, before] }));
    expect(published.keys.map(({ x }) => x)).toEqual([signing.x, before.x]);
    expect(kid).toBe(published.keys[0]?.kid);
    expect(privateKey.export({ format: "jwk" })).toMatchObject({ x: signing.x });
    expect(JSON.stringify(published)).not.toContain(signing.d);
    // A published key is one of a set as it is.
    expect(readReceiptKeys(JSON.stringify({ keys: [signing, published.keys[1]] })).published).toEqual(published);
  });

  it("are read as one key, too", () => {
    const key = made();
    expect(readReceiptKeys(JSON.stringify(key)).published.keys).toMatchObject([{ x: key.x }]);
  });

  it.each([
    ["no key", "{}", "expected a private Ed25519 key"],
    ["no JSON", "secret", "expected a private Ed25519 key"],
    ["an empty set", '{"keys":[]}', "expected a private Ed25519 key"],
    [
      "a public one first",
      JSON.stringify({ ...made(), d: undefined }),
      "the first key signs, and must be a private one",
    ],
    [
      "the public part of another",
      JSON.stringify({ ...made(), x: made().x }),
      "its public key is not that of its private key",
    ],
    ["a private part that is none", JSON.stringify({ ...made(), d: "AA" }), "its private key cannot be read"],
    [
      "a public part that is none",
      JSON.stringify({ keys: [made(), { ...made(), x: "AA", d: undefined }] }),
      "its public key cannot be read",
    ],
  ])("that are %s are refused, without a word of them", (_what, text, problem) => {
    expect(() => readReceiptKeys(text)).toThrow(problem);
    expect(() => readReceiptKeys(text)).not.toThrow("secret");
  });
});
