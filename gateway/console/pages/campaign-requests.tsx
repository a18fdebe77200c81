/** What can be asked for on behalf of a campaign? A place in an episode, and help. */
import { useState } from "preact/hooks";
import { SubmitSponsorshipDocument } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { FormDialog, itemsOf } from "../parts/form-dialog.tsx";
import type { FormField, FormValues } from "../parts/form-dialog.tsx";
import { RuledOn } from "../parts/refusal.tsx";
import type { Ruled } from "../parts/refusal.tsx";
import { OpenCase } from "./open-case.tsx";

const PLACEMENT: readonly FormField[] = [
  { name: "episodeId", label: "Episode", kind: "episode" },
  { name: "brand", label: "Brand" },
  { name: "productCategory", label: "Category of the product" },
  {
    name: "competitors",
    label: "Advertisers that it must not be beside",
    isOptional: true,
    placeholder: "bean-brothers",
  },
];

export function CampaignRequests({ campaignId }: { readonly campaignId: string }) {
  const [isOpen, open] = useState(false);
  const [ruled, rule] = useState<Ruled>();
  const sponsorship = useChange(SubmitSponsorshipDocument);
  const placementOf = ({ episodeId = "", brand = "", productCategory = "", competitors = "" }: FormValues) => ({
    campaignId,
    episodeId,
    brand,
    productCategory,
    competitors: itemsOf(competitors),
  });
  return (
    <>
      {ruled && <RuledOn {...ruled} />}
      <div class="row-actions">
        <button type="button" onClick={() => open(true)}>
          Request a placement
        </button>
        <OpenCase campaignId={campaignId} />
      </div>
      {isOpen && (
        <FormDialog
          title="Request a placement in an episode"
          action="Request it"
          fields={PLACEMENT}
          change={sponsorship}
          inputOf={placementOf}
          onDone={({ submitSponsorship }) =>
            rule({
              what: "Request a placement",
              decision: submitSponsorship.sponsorship.decision,
              isRequest: true,
            })
          }
          onClose={() => open(false)}
        />
      )}
    </>
  );
}
