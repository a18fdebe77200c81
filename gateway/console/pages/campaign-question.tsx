/**
 * What is decided of something and a campaign together? A campaign is chosen, and is in the URL; then it is asked.
 */
import type { TypedDocumentNode } from "@urql/core";
import type { DecisionPartsFragment } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { DecisionCard } from "../parts/decision-card.tsx";
import type { Explains } from "../parts/explanation.tsx";
import { useFilters } from "../parts/filters.tsx";
import { Empty, Skeleton } from "../parts/states.tsx";
import { CampaignField } from "./campaign-field.tsx";

interface Question {
  readonly [name: string]: string;
  /** Of what is not the campaign. */
  readonly id: string;
  readonly campaignId: string;
}

export interface CampaignQuestionProps<Data, Explanations> {
  /** The question. */
  readonly title: string;
  readonly id: string;
  readonly document: TypedDocumentNode<Data, Question>;
  /** The field of the decision. */
  readonly field: string;
  readonly of: (data: Data) => DecisionPartsFragment | null | undefined;
  readonly explains: Omit<Explains<Explanations, Question>, "variables">;
}

export function CampaignQuestion<Data, Explanations>(props: CampaignQuestionProps<Data, Explanations>) {
  const { title, id, document, field, of, explains } = props;
  const { filters, set } = useFilters();
  const campaignId = filters["campaign"] ?? "";
  const isAsked = campaignId !== "";
  const variables = { id, campaignId };
  const { data, errors, isLoading } = useQuery(document, variables, { isAsked });
  const isUnknown = errors.some(({ code }) => code === "BAD_USER_INPUT" || code === "NOT_FOUND");
  return (
    <>
      <div class="filters">
        <CampaignField
          label={title}
          none="choose a campaign"
          value={campaignId}
          onValue={(value) => set("campaign", value)}
        />
      </div>
      {isAsked && isLoading && <Skeleton lines={1} height="120px" />}
      {isAsked && isUnknown && <Empty title="There is no such campaign">Choose one of those above.</Empty>}
      {isAsked && !isLoading && !isUnknown && (
        <DecisionCard
          title={title}
          decision={(data && of(data)) ?? null}
          errors={errors}
          field={field}
          explains={{ ...explains, variables }}
        />
      )}
    </>
  );
}
