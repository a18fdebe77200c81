/** Who may change which tables are decided by? Somebody who is known, and whom all accounts concern. */
import { badUserInput, notAllowed } from "../../schema/errors.ts";
import type { Model, Models } from "../pipeline/models.ts";
import { isAnonymous } from "../platform/caller.ts";
import type { Context } from "../platform/context.ts";

/** Throws FORBIDDEN. */
export function assertMayChangeTables({ caller }: Context, mutation: string): void {
  if (isAnonymous(caller))
    throw notAllowed(`Cannot ${mutation}: a table takes two people, and this graph does not know who its callers are`);
  if (caller.accounts !== undefined)
    throw notAllowed(`Cannot ${mutation}: a table decides for all accounts, and you may see some only`);
}

/** Throws BAD_USER_INPUT. */
export function modelOf(models: Models, key: string, mutation: string): Model {
  const model = models.get(key);
  if (!model) throw badUserInput(`Cannot ${mutation}: the graph decides nothing by ${key}`, "model");
  return model;
}
