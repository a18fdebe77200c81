/** How is it going? What is wrong comes first; then what is decided, how it was answered, and how the upstreams stand. */
import { Link } from "wouter-preact";
import { NowDocument } from "../generated/operations.ts";
import type { NowQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { Chart, sum } from "../parts/chart.tsx";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Time } from "../parts/time.tsx";
import { Upstreams } from "./upstreams.tsx";
import { Wrongs } from "./wrongs.tsx";
import { ORIGINS, VERDICTS, byModel, lastMinutes, seriesOf } from "./activity.ts";
import type { ModelTotal } from "./activity.ts";

type Activity = NonNullable<NowQuery["activity"]>;

const EVERY_MS = 5000;

export function NowPage() {
  const { data, errors, isLoading, again } = useQuery(NowDocument, {}, { everyMs: EVERY_MS });
  return (
    <Page title="Now" lead={`The last hour, minute by minute${data?.activity ? whoseOf(data.activity) : ""}.`}>
      <Partial errors={data ? errors : []} />
      {isLoading && <Skeleton lines={5} height="90px" />}
      {!isLoading && !data && <Failure errors={errors} again={again} />}
      {data && <Wrongs data={data} />}
      {data && <Figures data={data} />}
      {data?.activity && <Activities activity={data.activity} />}
      {data?.activity === null && errors.length === 0 && (
        <Empty title="Counts are of all accounts">
          What is decided a minute is counted for everybody together, and your credential is for some accounts alone.{" "}
          <Link href="/decisions">Your decisions</Link>
        </Empty>
      )}
    </Page>
  );
}

function whoseOf({ processes, reach }: Activity): string {
  if (reach === "CUT_OFF") return ", of one process alone";
  return processes === 1 ? ", of one process" : `, of ${processes} processes`;
}

function Figures({ data: { activity, reviewQueue, failed, retrying, waiting } }: { readonly data: NowQuery }) {
  const counts = activity?.minutes.flatMap((minute) => minute.counts) ?? [];
  const decided = sum(counts.filter(({ code }) => code === null).map(({ count }) => count));
  const calls = sum(activity?.minutes.map((minute) => minute.calls) ?? []);
  const saved = decided === 0 ? undefined : Math.max(0, 1 - calls / decided);
  const [oldest] = reviewQueue.nodes;
  return (
    <dl class="figures">
      <div class="figure">
        <dt>Decisions</dt>
        <dd>{activity ? decided.toLocaleString("en") : "–"}</dd>
        <dd class="more">in the last hour</dd>
      </div>
      <div class="figure">
        <dt>Calls saved</dt>
        <dd>{saved === undefined ? "–" : `${Math.floor(saved * 100)} %`}</dd>
        <dd class="more">
          {calls.toLocaleString("en")} {calls === 1 ? "call" : "calls"} to the service
        </dd>
      </div>
      <div class="figure">
        <dt>Service</dt>
        <dd>{activity ? activity.working : "–"}</dd>
        <dd class="more">calls on their way, {activity?.waiting ?? 0} wait</dd>
      </div>
      <div class="figure">
        <dt>
          <Link href="/reviews">Reviews waiting</Link>
        </dt>
        <dd>{reviewQueue.totalCount.toLocaleString("en")}</dd>
        <dd class="more">
          {oldest ? (
            <>
              the oldest since <Time value={oldest.openedAt} />
            </>
          ) : (
            "nobody has to look"
          )}
        </dd>
      </div>
      <div class="figure">
        <dt>
          <Link href="/effects">Effects</Link>
        </dt>
        <dd>{(waiting.totalCount + retrying.totalCount).toLocaleString("en")}</dd>
        <dd class="more">
          on their way, {retrying.totalCount} retried, {failed.totalCount} failed
        </dd>
      </div>
    </dl>
  );
}

const COLUMNS: readonly Column<ModelTotal>[] = [
  {
    name: "model",
    title: "Model",
    cell: ({ model }) => (
      <Link class="row" href={`/decisions?model=${model}`}>
        {model}
      </Link>
    ),
  },
  { name: "share", title: "Verdicts", cell: (row) => <Share row={row} /> },
  { name: "allow", title: "Allow", isNumber: true, cell: ({ byVerdict }) => byVerdict.ALLOW.toLocaleString("en") },
  { name: "review", title: "Review", isNumber: true, cell: ({ byVerdict }) => byVerdict.REVIEW.toLocaleString("en") },
  { name: "deny", title: "Deny", isNumber: true, cell: ({ byVerdict }) => byVerdict.DENY.toLocaleString("en") },
  { name: "failed", title: "Failed", isNumber: true, cell: ({ failed }) => failed.toLocaleString("en") },
  { name: "total", title: "All", isNumber: true, cell: ({ total }) => total.toLocaleString("en") },
];

function Activities({ activity }: { readonly activity: Activity }) {
  const times = lastMinutes(Date.now());
  const models = byModel(activity);
  if (models.length === 0) {
    return (
      <>
        <Empty title="Nothing was decided in the last hour">
          Decisions are made when a field is asked that decides. <a href="/graphql">Ask a first query</a>, and it
          appears here within seconds.
        </Empty>
        <Upstreams upstreams={activity.upstreams} />
      </>
    );
  }
  return (
    <>
      <div class="columns">
        <section class="panel">
          <Chart title="What was decided" times={times} series={seriesOf(activity, times, VERDICTS)} />
        </section>
        <section class="panel">
          <Chart title="How it was answered" times={times} series={seriesOf(activity, times, ORIGINS)} />
        </section>
      </div>
      <Upstreams upstreams={activity.upstreams} />
      <DataTable title="By model" columns={COLUMNS} rows={models} keyOf={({ model }) => model} />
    </>
  );
}

function Share({ row: { byVerdict, failed, total } }: { readonly row: ModelTotal }) {
  const parts = [
    ["--allow-fill", byVerdict.ALLOW],
    ["--review-fill", byVerdict.REVIEW],
    ["--deny-fill", byVerdict.DENY],
    ["--local", failed],
  ] as const;
  let before = 0;
  return (
    <svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {parts.map(([colour, count]) => {
        const from = before;
        before += (100 * count) / total;
        return (
          <rect key={colour} x={from} width={(100 * count) / total} height="10" style={{ fill: `var(${colour})` }} />
        );
      })}
    </svg>
  );
}
