/**
 * How is one of many found? By its id, which is opened, or by a part of what is shown of it: then the list is read on until its
 * end, because the graph finds by the name alone.
 */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import type { Pages } from "../graph/use-pages.ts";
import { DataTable, NotReadOn } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { TextField, useFilters } from "../parts/filters.tsx";
import { notDecided } from "./eligibility-filter.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";

interface Entity {
  readonly id: string;
}

export interface EntityListProps<Row extends Entity> {
  readonly title: string;
  readonly lead: string;
  /** Of the pages of one. */
  readonly path: string;
  /** Of their ids. */
  readonly prefix: string;
  readonly pages: Pages<Row>;
  readonly columns: readonly Column<Row>[];
  /** What is searched. */
  readonly textOf: (row: Row) => string;
  /** What may be searched for, in words. Default: a name, or an id. */
  readonly searched?: string;
  /** Besides the search. */
  readonly filters?: ComponentChildren;
  readonly empty: string;
  /** The list is filtered by what would be decided of each; what makes it shorter otherwise. */
  readonly decided?: { readonly filter: string; readonly narrower: string } | undefined;
}

export function EntityList<Row extends Entity>(props: EntityListProps<Row>) {
  const { title, lead, path, prefix, pages, columns, textOf, filters: more, empty, decided } = props;
  const { searched = `a name, or an id: ${prefix}…` } = props;
  const { filters, set } = useFilters();
  const [, navigate] = useLocation();
  const search = (filters["search"] ?? "").toLowerCase();
  const isId = search.startsWith(prefix);
  const { rows, total, errors, isLoading } = pages;
  const refused = decided && notDecided({ errors, narrower: decided.narrower, onAll: () => set(decided.filter, "") });
  const shown = search === "" || isId ? rows : rows.filter((row) => textOf(row).toLowerCase().includes(search));
  useEffect(() => {
    if (search !== "" && !isId && pages.more?.state === "ready") pages.more.ask();
  }, [search, isId, pages.more]);
  return (
    <Page title={title} lead={lead}>
      <search class="filters">
        {/* Alone in it: Enter sends no form that has two fields to type in. */}
        <form
          class="field grow"
          onSubmit={(event) => {
            event.preventDefault();
            if (isId) navigate(`${path}/${filters["search"] ?? ""}`);
          }}
        >
          <TextField
            label={isId ? "Enter opens it" : "Search"}
            isSearch
            placeholder={searched}
            value={filters["search"] ?? ""}
            onValue={(value) => set("search", value)}
          />
        </form>
        {more}
      </search>
      <Partial errors={rows.length > 0 ? errors : []} />
      {refused}
      {isLoading && <Skeleton lines={10} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && !refused && (
        <Failure errors={errors} again={pages.again} />
      )}
      {!isLoading && shown.length === 0 && errors.length === 0 && (
        <Empty title={search === "" && !decided ? "There is none" : pages.more ? "None so far" : "None is like that"}>
          {decided
            ? "What cannot be decided is in neither list: not those that may, and not those that may not."
            : empty}
        </Empty>
      )}
      {shown.length === 0 && <NotReadOn more={pages.more} />}
      {shown.length > 0 && (
        <div>
          <DataTable
            title={title}
            columns={columns}
            rows={shown}
            keyOf={({ id }) => id}
            total={search === "" ? (total ?? shown.length) : shown.length}
            more={pages.more}
          />
          <p class="table-foot">
            <span>
              {shown.length.toLocaleString("en")} shown of {(total ?? shown.length).toLocaleString("en")}
            </span>
          </p>
        </div>
      )}
    </Page>
  );
}

/** The cell that opens a row. */
export function Opens({ href, text }: { readonly href: string; readonly text: string }) {
  return (
    <Link class="row" href={href}>
      {text}
    </Link>
  );
}
