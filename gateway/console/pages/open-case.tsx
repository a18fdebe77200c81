/** Who complains, and about what? A support case is opened, about a campaign or none; the rules say who takes it. */
import { useState } from "preact/hooks";
import { OpenCaseDocument } from "../generated/operations.ts";
import type { CaseIssue, CaseSeverity, CustomerValue } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import type { FormField, FormValues } from "../parts/form-dialog.tsx";

const ISSUES: readonly CaseIssue[] = ["AD_CONTENT", "PLACEMENT", "BILLING", "PLAYBACK", "PRIVACY", "OTHER"];
const SEVERITIES: readonly CaseSeverity[] = ["LOW", "MEDIUM", "HIGH", "CRITICAL"];
const VALUES: readonly CustomerValue[] = ["LOW", "MEDIUM", "HIGH"];
const FIELDS: readonly FormField[] = [
  { name: "account", label: "Who complains or asks" },
  { name: "country", label: "Country", placeholder: "DE" },
  { name: "issue", label: "About", choices: ISSUES },
  { name: "severity", label: "Severity", choices: SEVERITIES },
  { name: "customerValue", label: "Value of the customer", choices: VALUES },
  { name: "description", label: "What happened", kind: "lines" },
];

/** Without `campaignId` it is about none. */
export function OpenCase({ campaignId }: { readonly campaignId?: string }) {
  const [isOpen, open] = useState(false);
  const [queue, setQueue] = useState<string | null>();
  const change = useChange(OpenCaseDocument);
  const inputOf = ({ account = "", country = "", description = "", ...chosen }: FormValues) => ({
    campaignId: campaignId ?? null,
    account,
    country: country.toUpperCase(),
    description,
    issue: oneOf(ISSUES, chosen["issue"]),
    severity: oneOf(SEVERITIES, chosen["severity"]),
    customerValue: oneOf(VALUES, chosen["customerValue"]),
  });
  return (
    <>
      <button type="button" onClick={() => open(true)}>
        Open a case
      </button>
      {queue !== undefined && (
        <p class="notice allow" role="status">
          <strong>The case is open.</strong> {queue === null ? "Who takes it is not known yet." : `${queue} takes it.`}
        </p>
      )}
      {isOpen && (
        <FormDialog
          title="Open a support case"
          action="Open it"
          fields={FIELDS}
          change={change}
          inputOf={inputOf}
          onDone={({ openCase: { supportCase } }) => setQueue(supportCase.queue)}
          onClose={() => open(false)}
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
