/** What comes first? Locations by what has to be done about their licence, support cases by priority; acting from the row. */
import { Link } from "wouter-preact";
import { useFilters } from "../parts/filters.tsx";
import { Page } from "../parts/page.tsx";
import { useMay } from "../session/caller.tsx";
import { CaseWorklist } from "./case-worklist.tsx";
import { LocationWorklist } from "./location-worklist.tsx";
import { OpenCase } from "./open-case.tsx";

export function WorklistsPage() {
  const { filters } = useFilters();
  const may = useMay("decisions:write");
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
      {isCases && may && (
        <div class="row-actions">
          <OpenCase />
          <p class="muted small">One about a campaign is opened on the campaign's page.</p>
        </div>
      )}
      {isCases ? <CaseWorklist /> : <LocationWorklist />}
    </Page>
  );
}
