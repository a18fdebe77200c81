/** What comes first? Locations by what has to be done about their licence, support cases by priority; acting from the row. */
import { Link } from "wouter-preact";
import { useFilters } from "../parts/filters.tsx";
import { Page } from "../parts/page.tsx";
import { CaseWorklist } from "./case-worklist.tsx";
import { LocationWorklist } from "./location-worklist.tsx";

export function WorklistsPage() {
  const { filters } = useFilters();
  const isCases = filters["list"] === "cases";
  return (
    <Page title="Worklists" lead="What needs somebody, the most urgent first. The rules sort it, and keep it sorted.">
      <nav class="tabs" aria-label="Worklist">
        <Link href="/worklists" aria-current={isCases ? undefined : "page"}>
          Locations
        </Link>
        <Link href="/worklists?list=cases" aria-current={isCases ? "page" : undefined}>
          Support cases
        </Link>
      </nav>
      {isCases && <p class="muted small">A case is opened on the page of the campaign that it is about.</p>}
      {isCases ? <CaseWorklist /> : <LocationWorklist />}
    </Page>
  );
}
