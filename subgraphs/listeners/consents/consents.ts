/**
 * Which consents does a listener give?
 *
 * For each purpose the latest answer counts; of two at the same time, the refusal. A purpose without an answer is neither
 * granted nor refused.
 */
import type { ConsentPurpose, ConsentRecord } from "../../records/listeners/types.ts";

/** The latest answer of each purpose, in the order in which the purposes were first answered. */
export function latestConsents(records: readonly ConsentRecord[]): readonly ConsentRecord[] {
  const latest = new Map<ConsentPurpose, ConsentRecord>();
  for (const record of records) {
    const other = latest.get(record.purpose);
    if (!other || supersedes(record, other)) latest.set(record.purpose, record);
  }
  return [...latest.values()];
}

export function grantedPurposes(latest: readonly ConsentRecord[]): readonly ConsentPurpose[] {
  return latest.filter(({ granted }) => granted).map(({ purpose }) => purpose);
}

export function refusedPurposes(latest: readonly ConsentRecord[]): readonly ConsentPurpose[] {
  return latest.filter(({ granted }) => !granted).map(({ purpose }) => purpose);
}

export function isGranted(
  { consents }: { readonly consents: readonly ConsentRecord[] },
  purpose: ConsentPurpose,
): boolean {
  return grantedPurposes(consents).includes(purpose);
}

function supersedes(record: ConsentRecord, other: ConsentRecord): boolean {
  const laterByMs = Number(record.recordedAt) - Number(other.recordedAt);
  return laterByMs > 0 || (laterByMs === 0 && !record.granted);
}
