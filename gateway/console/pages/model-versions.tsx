/**
 * Which versions of a table were there, and what is different between two of them, or one of them and a table that is proposed?
 * What a change of the rules means is proven beside it, and whom it would concern.
 */
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { ComparisonDocument, ModelVersionsDocument } from "../generated/operations.ts";
import type { CandidateQuery, ModelVersionsQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import type { Asked } from "../graph/use-query.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { SelectField, useFilters } from "../parts/filters.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { Time, onDay } from "../parts/time.tsx";
import type { Candidate, CandidateFieldProps } from "../table/candidate.tsx";
import { ComparedTable } from "../table/compared-table.tsx";
import type { Model } from "../table/engine.ts";
import { Difference } from "./difference.tsx";
import { Impact } from "./impact.tsx";
import { ModelCandidates } from "./model-candidates.tsx";

type Version = NonNullable<ModelVersionsQuery["decisionModel"]>["versions"][number];

export interface ModelVersionsProps extends CandidateFieldProps {
  readonly model: Model;
  /** The candidate in the URL. */
  readonly opened: Asked<CandidateQuery>;
  readonly onTry: (facts: Facts) => void;
}

const COLUMNS: readonly Column<Version>[] = [
  { name: "version", title: "Version", cell: ({ version }) => <strong>{version}</strong> },
  { name: "since", title: "Here since", cell: ({ firstSeenAt }) => <Time value={firstSeenAt} /> },
  {
    name: "file",
    title: "SHA-256 of its file",
    cell: ({ digest }) => <code title={digest}>{digest.slice(0, 12)}</code>,
  },
  {
    name: "current",
    title: "Now",
    cell: ({ isCurrent }) => isCurrent && <span class="badge allow">decides here</span>,
  },
];

export function ModelVersions({ model, candidate, onCandidate, opened, onTry }: ModelVersionsProps) {
  const { data, errors, isLoading, again } = useQuery(ModelVersionsDocument, { key: model.key });
  const versions = data?.decisionModel?.versions;
  if (isLoading) return <Skeleton lines={6} height="34px" />;
  if (!versions) return <Failure errors={errors} again={again} />;
  return (
    <>
      <DataTable title="Versions" columns={COLUMNS} rows={versions} keyOf={({ digest }) => digest} />
      <ModelCandidates model={model.key} opened={opened} candidate={candidate} onCandidate={onCandidate} />
      <Choice model={model} versions={versions} candidate={candidate} onTry={onTry} />
    </>
  );
}

interface ChoiceProps extends Pick<ModelVersionsProps, "model" | "candidate" | "onTry"> {
  readonly versions: readonly Version[];
}

const CANDIDATE = "candidate";

function Choice({ model, versions, candidate, onTry }: ChoiceProps) {
  const { filters, set } = useFilters();
  const current = versions.find(({ isCurrent }) => isCurrent) ?? versions[0];
  const other = versions.find(({ digest }) => digest !== current?.digest);
  if (!current || (!other && !candidate)) {
    return (
      <Empty title="There is nothing to compare yet">
        The graph has decided by one version of this table so far. Another one appears here once a process has it; a
        candidate can be chosen from a file.
      </Empty>
    );
  }
  const digests = versions.map(({ digest }) => digest);
  const afterChoices = candidate ? [CANDIDATE, ...digests] : digests;
  const chosen = (name: string, choices: readonly string[], fallback: string): string =>
    choices.find((choice) => choice === filters[name]) ?? fallback;
  const before = chosen("before", digests, (candidate ? current : (other ?? current)).digest);
  const after = chosen("after", afterChoices, candidate ? CANDIDATE : current.digest);
  const named = (choice: string): string => {
    const version = versions.find(({ digest }) => digest === choice);
    if (!version) return `the candidate, ${candidate?.name ?? ""}`;
    return `version ${version.version}, since ${onDay(version.firstSeenAt)}${version.isCurrent ? ", decides here" : ""}`;
  };
  return (
    <>
      <div class="filters">
        <SelectField
          label="Before"
          value={before}
          onValue={(value) => set("before", value)}
          choices={digests}
          textOf={named}
        />
        <SelectField
          label="After"
          value={after}
          onValue={(value) => set("after", value)}
          choices={afterChoices}
          textOf={named}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={filters["all"] === "1"}
            onChange={({ currentTarget }) => set("all", currentTarget.checked ? "1" : "")}
          />{" "}
          Rules that are the same, too
        </label>
      </div>
      <Compared
        key={`${before} ${after} ${candidate?.name ?? ""}`}
        model={model}
        before={before}
        after={after}
        candidate={after === CANDIDATE ? candidate : undefined}
        isShort={filters["all"] !== "1"}
        onTry={onTry}
      />
    </>
  );
}

interface ComparedProps extends Pick<ModelVersionsProps, "model" | "onTry"> {
  readonly before: string;
  readonly after: string;
  /** In the place of `after`. */
  readonly candidate: Candidate | undefined;
  readonly isShort: boolean;
}

function Compared({ model, before, after, candidate, isShort, onTry }: ComparedProps) {
  const { data, errors, isLoading, again } = useQuery(ComparisonDocument, {
    key: model.key,
    before,
    after: candidate ? null : after,
    table: candidate?.text ?? null,
  });
  const comparison = data?.decisionModel?.comparison;
  if (isLoading) return <Skeleton lines={8} height="34px" />;
  if (!comparison) return <Failure errors={errors} again={again} />;
  return (
    <>
      <div class="columns">
        <Difference model={model} comparison={comparison} onTry={onTry} />
        <Impact model={model.key} source={candidate ?? { digest: after }} />
      </div>
      <ComparedTable before={comparison.before} after={comparison.after} isShort={isShort} />
    </>
  );
}
