/** How did a support case end? It is resolved with its outcome, in words. */
import { useState } from "preact/hooks";
import { ResolveCaseDocument } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { LackingPart } from "../parts/states.tsx";

export interface ResolveCaseProps {
  readonly case: { readonly id: string; readonly account: string; readonly description?: string };
  readonly onClose: () => void;
}

export function ResolveCase({ case: { id, account, description }, onClose }: ResolveCaseProps) {
  const [note, setNote] = useState("");
  const resolve = useChange(ResolveCaseDocument);
  return (
    <ChangeDialog
      title={`Resolve the case of ${account}`}
      action="Resolve it"
      change={resolve}
      input={() => ({ caseId: id, note: note.trim() })}
      onClose={onClose}
    >
      <Description text={description} />
      <div class="field">
        <label for="outcome">The outcome, in words</label>
        <textarea
          id="outcome"
          rows={3}
          required
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </div>
    </ChangeDialog>
  );
}

/** What happened, in the words of who opened the case. `text`: undefined where it is not the caller's to see. */
export function Description({ text }: { readonly text: string | undefined }) {
  if (text !== undefined) return <p>{text}</p>;
  return <LackingPart scope="listeners:read">What people wrote may be personal: it takes</LackingPart>;
}
