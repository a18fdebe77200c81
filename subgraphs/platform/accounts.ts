/**
 * What exists for a caller that may see some accounts only?
 *
 * What belongs to them. Everything else is absent, and so is what nobody can attribute to an account: it is left out before
 * anything is read of it, so that it looks, and takes as long, as what never existed. Callers with all accounts ask nothing.
 */
import { accountId } from "../../schema/id.ts";
import type { Context } from "./context.ts";
import type { Results } from "./results.ts";

/** The account of each, aligned with the ids; undefined for one that belongs to none, as far as anybody knows. */
export type AccountsOf = (ids: readonly string[]) => Promise<readonly (string | undefined)[]>;

/** Reads by id; null for what does not exist. */
type Read<Item> = (ids: readonly string[]) => Promise<Results<Item | null>>;

/** The same, by ids that belong to accounts. */
export function readOwn<Item>({ caller }: Context, accountsOf: AccountsOf, read: Read<Item>): Read<Item> {
  const { accounts } = caller;
  if (accounts === undefined) return read;
  return async (ids) => {
    const found = await accountsOf(ids);
    const own = ids.filter((_id, index) => accounts.has(found[index] ?? NONE));
    const items = new Map((own.length === 0 ? [] : await read(own)).map((item, index) => [own[index], item]));
    return ids.map((id) => items.get(id) ?? null);
  };
}

/** The same of items that belong to such an id: a case to its campaign. Those that belong to nothing are nobody's. */
export function readOwnItems<Item>(
  { caller }: Context,
  { accountsOf, ownerOf }: { readonly accountsOf: AccountsOf; readonly ownerOf: (item: Item) => string | null },
  read: Read<Item>,
): Read<Item> {
  const { accounts } = caller;
  if (accounts === undefined) return read;
  return async (ids) => {
    const items = await read(ids);
    const owners = items.map((item) => (item === null || item instanceof Error ? null : ownerOf(item)));
    // Also without any owner: what does not exist takes as long.
    const found = await accountsOf(owners.map((owner) => owner ?? NONE));
    return items.map((item, index) => (owners[index] !== null && accounts.has(found[index] ?? NONE) ? item : null));
  };
}

/** For a query: as a list. undefined for all. */
export function accountsFor({ caller: { accounts } }: Context): readonly string[] | undefined {
  return accounts && [...accounts];
}

/** The ids in Soundtrack of those that are accounts there. */
export function businessesIn(accounts: readonly string[]): readonly string[] {
  return accounts.flatMap((account) => {
    try {
      return accountId.decode(account);
    } catch {
      return [];
    }
  });
}

/** No account and no owner is called so. */
const NONE = "";
