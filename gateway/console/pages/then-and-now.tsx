/**
 * What did the table say to these facts then, and what does it say now?
 *
 * The facts of an evaluation are evaluated again by two of the versions that are kept, and stand beside what was recorded. Which
 * versions is in the URL.
 */
import { ModelVersionsDocument, ReplaysDocument } from "../generated/operations.ts";
import type { ModelVersionsQuery, ReplayedFragment } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { SelectField, useFilters } from "../parts/filters.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { onDay } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { rowOf } from "../table/engine.ts";
import type { Evaluation } from "../table/evaluated.tsx";

type Model = NonNullable<ModelVersionsQuery["decisionModel"]>;

export function ThenAndNow({ evaluation }: { readonly evaluation: Evaluation }) {
  const { data, errors, isLoading, again } = useQuery(ModelVersionsDocument, { key: evaluation.model.key });
  const model = data?.decisionModel;
  return (
    <section class="panel" aria-label="The version then and now">
      <h2>The version then and now</h2>
      {isLoading && <Skeleton lines={4} />}
      {!isLoading && !data && <Failure errors={errors} again={again} />}
      {data && !model && <p class="muted">No decision has this model any more, and nothing of it is kept.</p>}
      {model && <Chosen evaluation={evaluation} model={model} />}
    </section>
  );
}

function Chosen({ evaluation, model }: { readonly evaluation: Evaluation; readonly model: Model }) {
  const { filters, set } = useFilters();
  const versions = [...new Map(model.versions.map((one) => [one.version, one])).values()];
  const [newest] = versions;
  const isKnown = (text: string | undefined): boolean => versions.some(({ version }) => String(version) === text);
  if (!newest) return <p class="muted">No version of this table is kept.</p>;
  const decidedAt = new Date(evaluation.decidedAt);
  const before = versions.find(({ firstSeenAt }) => new Date(firstSeenAt) <= decidedAt) ?? versions.at(-1) ?? newest;
  const likely = isKnown(evaluation.model.version) ? evaluation.model.version : String(before.version);
  const current = isKnown(String(model.copy)) ? String(model.copy) : String(newest.version);
  const then = isKnown(filters["then"]) ? (filters["then"] ?? likely) : likely;
  const now = isKnown(filters["now"]) ? (filters["now"] ?? current) : current;
  const named = (choice: string): string => {
    const version = versions.find((one) => String(one.version) === choice);
    return `version ${choice}${version ? `, since ${onDay(version.firstSeenAt)}` : ""}`;
  };
  const choices = versions.map(({ version }) => String(version));
  return (
    <>
      {versions.length === 1 ? (
        <p class="muted">There is one version of this table so far, {named(then)}.</p>
      ) : (
        <div class="filters">
          <SelectField
            label="Then"
            value={then}
            onValue={(value) => set("then", value)}
            choices={choices}
            textOf={named}
          />
          <SelectField
            label="Now"
            value={now}
            onValue={(value) => set("now", value)}
            choices={choices}
            textOf={named}
          />
        </div>
      )}
      <Replays evaluation={evaluation} then={then} now={now} />
    </>
  );
}

interface ReplaysProps {
  readonly evaluation: Evaluation;
  readonly then: string;
  readonly now: string;
}

function Replays({ evaluation, then, now }: ReplaysProps) {
  const { data, errors, isLoading, again } = useQuery(ReplaysDocument, {
    id: evaluation.id,
    one: Number(then),
    other: Number(now),
  });
  const replayed = data?.evaluation;
  if (isLoading) return <Skeleton lines={4} />;
  if (!replayed) return <Failure errors={errors} again={again} />;
  const { one, other } = replayed;
  const columns = then === now ? [one] : [one, other];
  const recorded = Array.isArray(evaluation.outputs) ? evaluation.outputs.map((row) => codeOf(row)) : [];
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <div class="scroll short" role="region" aria-label="Verdicts by version" tabIndex={0}>
      <table class="replays">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Of the answer</span>
            </th>
            <th scope="col">As recorded</th>
            {columns.map(({ version }, index) => (
              <th key={index} scope="col">
                {columns.length === 1 ? "By" : index === 0 ? "Then, by" : "Now, by"} version {version}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Verdict</th>
            <td>
              <Verdict value={evaluation.verdict} />
            </td>
            {columns.map((replay, index) => (
              <td key={index}>
                <Verdict value={replay.verdict} /> <Sameness replay={replay} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">Rules</th>
            <td>
              <ul class="rule-list">
                {recorded.map((code) => (
                  <li key={code}>
                    <code>{code}</code>
                  </li>
                ))}
              </ul>
            </td>
            {columns.map((replay, index) => (
              <td key={index}>
                <Matched replay={replay} known={recorded} />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Sameness({ replay: { isSame, problem } }: { readonly replay: ReplayedFragment }) {
  if (problem !== null) return <span>{problem}</span>;
  return isSame ? <span class="muted">the same</span> : <strong>another one</strong>;
}

/** Rules that were not recorded stand out. */
function Matched({
  replay: { rules, outputs },
  known,
}: {
  readonly replay: ReplayedFragment;
  readonly known: readonly string[];
}) {
  const codes = Array.isArray(outputs) ? outputs.map((row) => codeOf(row)) : [];
  const gone = known.filter((code) => !codes.includes(code));
  return (
    <ul class="rule-list">
      {rules.map((rule, index) => {
        const code = codes[index] ?? "";
        return (
          <li key={rule}>
            {known.includes(code) ? <code>{code}</code> : <mark class="added">{code}</mark>}{" "}
            <span class="muted">rule {rule}</span>
          </li>
        );
      })}
      {gone.map((code) => (
        <li key={code}>
          <mark class="removed">{code}</mark> <span class="muted">does not match</span>
        </li>
      ))}
    </ul>
  );
}

function codeOf(row: unknown): string {
  return String(rowOf(row)["reason_code"] ?? "");
}
