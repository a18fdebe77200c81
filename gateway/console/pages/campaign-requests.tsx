/** What can be asked for on behalf of a campaign? A place in an episode, and help. */
import { useState } from "preact/hooks";
import { OpenCaseDocument, SubmitSponsorshipDocument } from "../generated/operations.ts";
import type { CaseIssue, CaseSeverity, CustomerValue } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { FormDialog, itemsOf } from "../parts/form-dialog.tsx";
import type { FormField, FormValues } from "../parts/form-dialog.tsx";
import { RuledOn } from "../parts/refusal.tsx";
import type { Ruled } from "../parts/refusal.tsx";

const ISSUES: readonly CaseIssue[] = ["AD_CONTENT", "PLACEMENT", "BILLING", "PLAYBACK", "PRIVACY", "OTHER"];
const SEVERITIES: readonly CaseSeverity[] = ["LOW", "MEDIUM", "HIGH", "CRITICAL"];
const VALUES: readonly CustomerValue[] = ["LOW", "MEDIUM", "HIGH"];

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
const CASE: readonly FormField[] = [
  { name: "account", label: "Who complains or asks" },
  { name: "country", label: "Country", placeholder: "DE" },
  { name: "issue", label: "About", choices: ISSUES },
  { name: "severity", label: "Severity", choices: SEVERITIES },
  { name: "customerValue", label: "Value of the customer", choices: VALUES },
  { name: "description", label: "What happened", kind: "lines" },
];

export function CampaignRequests({ campaignId }: { readonly campaignId: string }) {
  const [isOpen, open] = useState<"placement" | "case">();
  const [ruled, rule] = useState<Ruled>();
  const sponsorship = useChange(SubmitSponsorshipDocument);
  const supportCase = useChange(OpenCaseDocument);
  const close = (): void => open(undefined);
  const placementOf = ({ episodeId = "", brand = "", productCategory = "", competitors = "" }: FormValues) => ({
    campaignId,
    episodeId,
    brand,
    productCategory,
    competitors: itemsOf(competitors),
  });
  const caseOf = ({ account = "", country = "", description = "", ...chosen }: FormValues) => ({
    campaignId,
    account,
    country: country.toUpperCase(),
    description,
    issue: oneOf(ISSUES, chosen["issue"]),
    severity: oneOf(SEVERITIES, chosen["severity"]),
    customerValue: oneOf(VALUES, chosen["customerValue"]),
  });
  return (
    <>
      {ruled && <RuledOn {...ruled} />}
      <p class="row-actions">
        <button type="button" onClick={() => open("placement")}>
          Request a placement
        </button>
        <button type="button" onClick={() => open("case")}>
          Open a case
        </button>
      </p>
      {isOpen === "placement" && (
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
          onClose={close}
        />
      )}
      {isOpen === "case" && (
        <FormDialog
          title="Open a support case"
          action="Open it"
          fields={CASE}
          change={supportCase}
          inputOf={caseOf}
          onClose={close}
        />
      )}
    </>
  );
}

function oneOf<Choice extends string>(
  choices: readonly [Choice, ...Choice[]] | readonly Choice[],
  value: string | undefined,
): Choice {
  const chosen = choices.find((choice) => choice === value) ?? choices[0];
  if (chosen === undefined) throw new RangeError("there must be choices");
  return chosen;
}
