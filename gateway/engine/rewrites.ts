/** How do names of a plan become those of a subgraph, and back? By the rewrites that the planner gives. */
import type { FetchNodePathSegment, FetchRewrite } from "@graphql-hive/router-query-planner";
import type { Slots } from "./slots.ts";
import { isSlots } from "./slots.ts";

/** Changes `value` in place: a representation, or the data of a response. */
export function rewrite(
  value: unknown,
  rewrites: readonly FetchRewrite[],
  isOfType: (slots: Slots, type: string) => boolean,
): void {
  for (const one of rewrites) {
    if ("KeyRenamer" in one) {
      const { path, renameKeyTo } = one.KeyRenamer;
      apply(value, path, (slots, key) => {
        if (!Object.hasOwn(slots, key)) return;
        slots[renameKeyTo] = slots[key];
        delete slots[key];
      });
    } else {
      const { path, setValueTo } = "ValueSetter" in one ? one.ValueSetter : one;
      apply(value, path, (slots, key) => {
        slots[key] = setValueTo;
      });
    }
  }

  function apply(
    at: unknown,
    [segment, ...rest]: readonly FetchNodePathSegment[],
    change: (slots: Slots, key: string) => void,
  ): void {
    if (segment === undefined) return;
    if (Array.isArray(at)) {
      for (const item of at) apply(item, [segment, ...rest], change);
      return;
    }
    if (!isSlots(at)) return;
    if ("TypenameEquals" in segment) {
      const isMeant = segment.TypenameEquals.some((type) => isOfType(at, type));
      if (isMeant) apply(at, rest, change);
    } else if (rest.length > 0) {
      apply(at[segment.Key], rest, change);
    } else {
      change(at, segment.Key);
    }
  }
}
