/**
 * Of whom is something decided as wanted?
 *
 * A filter of a list that goes by what would be decided of each, in the URL as yes or no. The graph refuses it where it cannot be
 * said of all: then that is said, with a way back.
 */
import type { GraphError } from "../graph/client.ts";
import { FilterField, useFilters } from "../parts/filters.tsx";
import { useMay } from "../session/caller.tsx";

const CHOICES = ["yes", "no"] as const;

/** undefined where it is not asked for; the caller may not ask without the scope. */
export function useDecided(name: string): boolean | undefined {
  const may = useMay("eligibility:read");
  const { filters } = useFilters();
  const chosen = CHOICES.find((choice) => choice === filters[name]);
  return may && chosen !== undefined ? chosen === "yes" : undefined;
}

export function DecidedFilter({ name, label }: { readonly name: string; readonly label: string }) {
  const may = useMay("eligibility:read");
  const { filters, set } = useFilters();
  if (!may) return null;
  return (
    <FilterField
      label={label}
      value={CHOICES.find((choice) => choice === filters[name]) ?? ""}
      onValue={(value) => set(name, value)}
      choices={CHOICES}
    />
  );
}

export interface NotDecidedProps {
  readonly errors: readonly GraphError[];
  /** What makes the list shorter. */
  readonly narrower: string;
  readonly onAll: () => void;
}

/** Why the list cannot be filtered; nothing where it failed for another reason. */
export function notDecided({ errors, narrower, onAll }: NotDecidedProps) {
  const reason = errors
    .map(({ code, message }) => reasonOf(code, message, narrower))
    .find((text) => text !== undefined);
  if (reason === undefined) return undefined;
  return (
    <div class="state" role="status">
      <h2>It cannot be said of all at once</h2>
      <p>{reason}</p>
      <button type="button" onClick={onAll}>
        Show all
      </button>
    </div>
  );
}

function reasonOf(code: string, message: string, narrower: string): string | undefined {
  if (code === "DECISION_UNDETERMINED")
    return "The decision service runs another table than the one here, so only it knows. Open one to see what is decided of it.";
  const [, most, count] = /is known of up to (\d+), and there are (\d+)/.exec(message) ?? [];
  if (code !== "BAD_USER_INPUT" || count === undefined) return undefined;
  return `There are ${Number(count).toLocaleString("en")}, and up to ${Number(most).toLocaleString("en")} are decided of at once. ${narrower}`;
}
