/** Whom would a version, or a table that is proposed, concern? */
import { ModelVersionsDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { SelectField, useFilters } from "../parts/filters.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { onDay } from "../parts/time.tsx";
import { CandidateField } from "../table/candidate.tsx";
import type { CandidateFieldProps } from "../table/candidate.tsx";
import type { Model } from "../table/engine.ts";
import { Impact } from "./impact.tsx";

export function ModelImpact({ model, candidate, onCandidate }: CandidateFieldProps & { readonly model: Model }) {
  const { data, errors, isLoading, again } = useQuery(ModelVersionsDocument, { key: model.key });
  const { filters, set } = useFilters();
  if (isLoading) return <Skeleton lines={6} height="34px" />;
  if (!data?.decisionModel) return <Failure errors={errors} again={again} />;
  const others = data.decisionModel.versions.filter(({ isCurrent }) => !isCurrent);
  const chosen = others.find(({ digest }) => digest === filters["of"]) ?? others[0];
  return (
    <>
      <CandidateField candidate={candidate} onCandidate={onCandidate} />
      {!candidate && others.length > 0 && (
        <div class="filters">
          <SelectField
            label="Or a version of before"
            value={chosen?.digest ?? ""}
            onValue={(value) => set("of", value)}
            choices={others.map(({ digest }) => digest)}
            textOf={(digest) => {
              const version = others.find((one) => one.digest === digest);
              return version ? `version ${version.version}, since ${onDay(version.firstSeenAt)}` : digest;
            }}
          />
        </div>
      )}
      {candidate && <Impact key={candidate.text} model={model.key} source={candidate} />}
      {!candidate && chosen && <Impact key={chosen.digest} model={model.key} source={chosen} />}
      {!candidate && !chosen && (
        <Empty title="There is nothing to compare with yet">
          The graph has decided by one version of this table so far. Choose a candidate to see whom it would concern.
        </Empty>
      )}
    </>
  );
}
