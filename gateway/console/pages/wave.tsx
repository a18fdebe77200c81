/** How were the decisions of a request made, and how many calls did that save? Model by model. */
import { Link } from "wouter-preact";
import { WAYS, totalOf } from "../graph/explain.ts";
import type { Counts, Explain, ModelWave, Way } from "../graph/explain.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { Empty } from "../parts/states.tsx";
import { inNumber } from "./plan.tsx";

const MEANINGS: Readonly<Record<Way | "failed", { readonly colour: string; readonly text: string }>> = {
  called: { colour: "--service", text: "asked the service" },
  equivalent: { colour: "--equivalent", text: "as other facts that the rules cannot tell apart" },
  joined: { colour: "--joined", text: "as the same facts, asked at the same time" },
  cached: { colour: "--cache", text: "from the cache" },
  local: { colour: "--local", text: "by the table here" },
  stale: { colour: "--stale", text: "past its time: the service fails" },
  failed: { colour: "--deny-fill", text: "no decision" },
};
const PARTS = [...WAYS, "failed"] as const;
/** Shown only where something was decided like that. */
const RARE = new Set<keyof Counts>(["local", "stale", "failed"]);

export function Wave({ explain: { decisions, openTextCalls } }: { readonly explain: Explain }) {
  const total = totalOf(decisions);
  if (total.asked === 0)
    return (
      <Empty title="No decisions were asked">
        The query selects no field that decides, or nothing was there to decide about. Each of{" "}
        <Link href="/models">the models</Link> is behind such a field.
      </Empty>
    );
  const shown = PARTS.filter((part) => total[part] > 0);
  const answered = total.asked - total.failed;
  return (
    <>
      <dl class="figures">
        <Figure name="Asked" value={total.asked} more="by fields, and by filters of lists" />
        <Figure
          name="Calls of OpenText"
          value={openTextCalls}
          more={`in ${total.batches.toLocaleString("en")} ${total.batches === 1 ? "batch" : "batches"}, retries included`}
        />
        <Figure
          name="Answered without a call"
          value={answered - total.called}
          more={
            answered === 0
              ? "none was answered"
              : `${Math.round((100 * (answered - total.called)) / answered)} % of those answered`
          }
        />
        <Figure name="Slowest batch" value={`${inNumber(total.ms)} ms`} more="until all its questions were answered" />
      </dl>
      <ul class="legend wave-legend">
        {shown.map((part) => (
          <li key={part}>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" rx="2" style={{ fill: `var(${MEANINGS[part].colour})` }} />
            </svg>
            <span>
              {part} <span class="muted">{MEANINGS[part].text}</span>
            </span>
          </li>
        ))}
      </ul>
      <DataTable
        title="Decisions by model"
        columns={columnsFor(total)}
        rows={decisions.length > 1 ? [...decisions, total] : decisions}
        keyOf={({ model }) => model}
      />
    </>
  );
}

function Figure({
  name,
  value,
  more,
}: {
  readonly name: string;
  readonly value: number | string;
  readonly more: string;
}) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{value.toLocaleString("en")}</dd>
      <dd class="more">{more}</dd>
    </div>
  );
}

function columnsFor(total: ModelWave): readonly Column<ModelWave>[] {
  const number = (name: keyof Counts, title: string): Column<ModelWave> => ({
    name,
    title,
    isNumber: true,
    cell: (counts) => <Count value={counts[name]} />,
  });
  const parts = PARTS.filter((part) => !RARE.has(part) || total[part] > 0);
  return [
    {
      name: "model",
      title: "Model",
      cell: (counts) =>
        counts === total ? (
          <strong>{counts.model}</strong>
        ) : (
          <Link href={`/models/${counts.model}`}>{counts.model}</Link>
        ),
    },
    { name: "share", title: "How answered", cell: (counts) => <Share counts={counts} /> },
    number("asked", "Asked"),
    ...parts.map((part) => number(part, `${part.charAt(0).toUpperCase()}${part.slice(1)}`)),
    number("calls", "Calls"),
    { name: "ms", title: "ms", isNumber: true, cell: ({ ms }) => inNumber(ms) },
  ];
}

function Count({ value }: { readonly value: number }) {
  return value === 0 ? <span class="muted">0</span> : <>{value.toLocaleString("en")}</>;
}

function Share({ counts }: { readonly counts: ModelWave }) {
  let before = 0;
  return (
    <svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {PARTS.map((part) => {
        const from = before;
        const width = (100 * counts[part]) / counts.asked;
        before += width;
        return <rect key={part} x={from} width={width} height="10" style={{ fill: `var(${MEANINGS[part].colour})` }} />;
      })}
    </svg>
  );
}
