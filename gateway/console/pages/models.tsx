/** Which tables decide, and how do they stand with the decision service? */
import { Link } from "wouter-preact";
import { ModelsDocument } from "../generated/operations.ts";
import type { ModelsQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { Page } from "../parts/page.tsx";
import { Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Time } from "../parts/time.tsx";
import { Trust } from "../table/trust.tsx";

type Row = ModelsQuery["decisionModels"][number];

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "name",
    title: "Model",
    cell: ({ key, name }) => (
      <Link class="row" href={`/models/${key}`}>
        <strong>{name}</strong>
      </Link>
    ),
  },
  {
    name: "asks",
    title: "Question",
    isWide: true,
    cell: ({ description }) => <span title={description ?? ""}>{description?.replace(/(?<=[?.!]) .*$/s, "")}</span>,
  },
  { name: "inputs", title: "Inputs", isNumber: true, cell: ({ inputs }) => inputs.length },
  { name: "rules", title: "Rules", isNumber: true, cell: ({ rules }) => rules },
  { name: "here", title: "Here", isNumber: true, cell: ({ copy }) => copy },
  { name: "there", title: "At the service", isNumber: true, cell: ({ version }) => version },
  { name: "trust", title: "Trust", cell: (model) => <Trust model={model} /> },
  { name: "since", title: "Since", cell: ({ trust: { since } }) => <Time value={since} /> },
];

export function ModelsPage() {
  const { data, errors, isLoading, again } = useQuery(ModelsDocument, {}, { everyMs: 10_000 });
  return (
    <Page
      title="Models"
      lead="The tables that every decision is made by. The business edits them in OpenText; the graph has a copy of each, and compares."
    >
      <Partial errors={data ? errors : []} />
      {isLoading && <Skeleton lines={9} height="38px" />}
      {!isLoading && !data && <Failure errors={errors} again={again} />}
      {data && <DataTable title="Models" columns={COLUMNS} rows={data.decisionModels} keyOf={({ key }) => key} />}
    </Page>
  );
}
