/**
 * What has a listener agreed to?
 *
 * Of each purpose the latest answer stands; where two are of the same moment, the refusal does. A purpose without an
 * answer is neither granted nor refused: never asked is not a yes.
 */
import type { ConsentPurpose, ConsentRecord } from "../../records/listeners/types.ts";

/** One for each purpose that was answered, in the order in which they were first asked about. */
export function standingConsents(records: readonly ConsentRecord[]): readonly ConsentRecord[] {
  const standing = new Map<ConsentPurpose, ConsentRecord>();
  for (const record of records) {
    const other = standing.get(record.purpose);
    if (!other || outdates(record, other)) standing.set(record.purpose, record);
  }
  return [...standing.values()];
}

export function granted(standing: readonly ConsentRecord[]): readonly ConsentPurpose[] {
  return standing.filter((consent) => consent.granted).map(({ purpose }) => purpose);
}

export function refused(standing: readonly ConsentRecord[]): readonly ConsentPurpose[] {
  return standing.filter((consent) => !consent.granted).map(({ purpose }) => purpose);
}

function outdates(record: ConsentRecord, other: ConsentRecord): boolean {
  const later = Number(record.recordedAt) - Number(other.recordedAt);
  return later > 0 || (later === 0 && !record.granted);
}

export function isGranted(
  { consents }: { readonly consents: readonly ConsentRecord[] },
  purpose: ConsentPurpose,
): boolean {
  return granted(consents).includes(purpose);
}
