/**
 * How can somebody outside prove what was decided?
 *
 * By a receipt: a JSON Web Signature of what the ledger has, which anybody verifies with the published key, without asking
 * us. It has no facts, but their digest: who has the facts can show that it was decided by them. Nor does it name a person:
 * a receipt cannot be taken back when a listener is erased.
 */
import { CompactSign } from "jose";
import type { Evaluation } from "../../pipeline/ledger.ts";
import { canonicalJson } from "../../platform/canonical-json.ts";
import type { ReceiptKeys } from "../../platform/signing/receipt-keys.ts";
import { isPerson } from "./ledger.ts";

const RECEIPT_TYPE = "decibel-receipt+json";

/** Signs what has a form in JSON. Gives a JSON Web Signature in the compact form. */
export type Sign = (type: string, payload: object) => Promise<string>;

export function signingBy({ kid, privateKey }: ReceiptKeys): Sign {
  return (typ, payload) =>
    new CompactSign(new TextEncoder().encode(canonicalJson(payload)))
      .setProtectedHeader({ alg: "EdDSA", kid, typ })
      .sign(privateKey);
}

/** `table` is the digest of the file of a table that gives this very answer, if one is known. */
export function receiptOf(evaluation: Evaluation, table: string | undefined, sign: Sign): Promise<string> {
  const { id, model, version, subject, verdict, decidedAt, factsDigest } = evaluation;
  const about = isPerson(subject) ? {} : { subject };
  return sign(RECEIPT_TYPE, { evaluation: id, model, version, table, ...about, verdict, decidedAt, factsDigest });
}
