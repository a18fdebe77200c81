/** Which sections does the console have, and what does each take? Nothing leads to one that the caller may not see. */
import type { Scope } from "../../schema/scope.ts";
import type { Shortcut } from "./parts/keys.tsx";
import { NOBODY } from "./session/caller.tsx";
import type { Caller } from "./session/caller.tsx";

export interface Section extends Shortcut {
  /** All of them. */
  readonly scopes: readonly Scope[];
}

export const SECTIONS: readonly Section[] = [
  { path: "/", title: "Now", key: "n", scopes: ["audit:read"] },
  { path: "/reviews", title: "Reviews", key: "r", scopes: ["audit:read"] },
  { path: "/worklists", title: "Worklists", key: "w", scopes: ["graph:read", "eligibility:read"] },
  { path: "/campaigns", title: "Campaigns", key: "c", scopes: ["graph:read"] },
  { path: "/episodes", title: "Episodes", key: "e", scopes: ["graph:read"] },
  { path: "/locations", title: "Locations", key: "l", scopes: ["graph:read"] },
  { path: "/listeners", title: "Listeners", key: "p", scopes: ["listeners:read"] },
  { path: "/decisions", title: "Decisions", key: "d", scopes: ["audit:read"] },
  { path: "/models", title: "Models", key: "m", scopes: ["audit:read"] },
  { path: "/effects", title: "Effects", key: "f", scopes: ["audit:read"] },
  { path: "/graph", title: "Graph", key: "q", scopes: [] },
];

/** Of a path, with a query or without; undefined where there is none. */
export function sectionOf(href: string): Section | undefined {
  const [location = ""] = href.split("?");
  return SECTIONS.find(({ path }) => isWithin(location, path));
}

export function isWithin(location: string, path: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}

/** What the caller lacks of what something takes; nothing until the caller is known. */
export function lackedBy(caller: Caller, what: Pick<Section, "scopes"> | undefined): readonly Scope[] {
  return caller === NOBODY || !what ? [] : what.scopes.filter((scope) => !caller.scopes.includes(scope));
}
