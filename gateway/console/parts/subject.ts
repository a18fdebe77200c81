/** Where does the id of a subject lead? */

const PATHS: Readonly<Record<string, string>> = {
  campaign: "/campaigns",
  episode: "/episodes",
  location: "/locations",
  listener: "/listeners",
  case: "/worklists/cases",
};

/** undefined where it has no page of its own. */
export function subjectHref(id: string): string | undefined {
  const path = PATHS[id.split("_")[0] ?? ""];
  return path === undefined ? undefined : `${path}/${encodeURIComponent(id)}`;
}
