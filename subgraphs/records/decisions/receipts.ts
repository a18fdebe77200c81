/**
 * How can somebody outside prove what was decided?
 *
 * By a receipt: a JSON Web Signature of what the ledger has, which anybody verifies with the published key, without asking
 * us. It has no facts, but their digest: who has the facts can show that it was decided by them. Nor does it name a person:
 * a receipt cannot be taken back when a listener is erased.
 */
import { CompactSign } from "jose";
import { canonicalJson } from "../../platform/canonical-json.ts";
import type { ReceiptKeys } from "../../platform/signing/receipt-keys.ts";

/** Signs what has a form in JSON. Gives a JSON Web Signature in the compact form. */
export type Sign = (type: string, payload: object) => Promise<string>;

export function signingBy({ kid, privateKey }: ReceiptKeys): Sign {
  return (typ, payload) =>
    new CompactSign(new TextEncoder().encode(canonicalJson(payload)))
      .setProtectedHeader({ alg: "EdDSA", kid, typ })
      .sign(privateKey);
}
