/** What is recorded about API keys? */

export interface KeyRecord {
  readonly id: string;
  /** Whose it is. */
  readonly name: string;
  readonly digest: string;
  readonly scopes: readonly string[];
  /** null for all. */
  readonly accounts: readonly string[] | null;
  readonly createdAt: Date;
  /** null for no end. */
  readonly expiresAt: Date | null;
  /** null for a key that is good, as far as it has not expired. */
  readonly revokedAt: Date | null;
}

export interface KeyRecords {
  add(key: KeyRecord): Promise<void>;
  /** Newest first. */
  all(): Promise<readonly KeyRecord[]>;
  byId(id: string): Promise<KeyRecord | undefined>;
  byDigest(digest: string): Promise<KeyRecord | undefined>;
}
