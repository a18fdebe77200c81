/** How does a table that was chosen become a candidate? It is proposed with a note, for a second person to approve. */
import { useState } from "preact/hooks";
import { ProposeTableDocument } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { useTableRights } from "./table-rights.ts";

export interface ProposeTableProps {
  readonly model: string;
  /** The text of its file. */
  readonly table: string;
  /** The id of the candidate: of one that was there already, where the same table was open. */
  readonly onProposed: (id: string) => void;
}

export function ProposeTable({ model, table, onProposed }: ProposeTableProps) {
  const { problem } = useTableRights();
  const change = useChange(ProposeTableDocument);
  const [isOpen, open] = useState(false);
  if (problem !== undefined) return <p class="muted small">{problem}</p>;
  return (
    <>
      <p>
        <button type="button" onClick={() => open(true)}>
          Propose it
        </button>{" "}
        <span class="muted small">A second person has to approve it before it may be deployed.</span>
      </p>
      {isOpen && (
        <FormDialog
          title="Propose this table"
          action="Propose it"
          fields={[{ name: "note", label: "What it changes, and why", kind: "lines" }]}
          change={change}
          inputOf={({ note = "" }) => ({ model, table, note })}
          onDone={({ proposeTable: { candidate } }) => onProposed(candidate.id)}
          onClose={() => open(false)}
        />
      )}
    </>
  );
}
