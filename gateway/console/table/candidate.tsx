/** Which table is proposed? A file of OpenText, chosen or pasted; it stays in the page, and goes nowhere but to its own graph. */
import { useId } from "preact/hooks";

export interface Candidate {
  readonly name: string;
  /** Of the file. */
  readonly text: string;
}

export interface CandidateFieldProps {
  readonly candidate: Candidate | undefined;
  readonly onCandidate: (candidate: Candidate | undefined) => void;
}

const PASTED = "pasted table";
const KB = 1024;

export function CandidateField({ candidate, onCandidate }: CandidateFieldProps) {
  const id = useId();
  const choose = async (file: File | undefined): Promise<void> => {
    if (file) onCandidate({ name: file.name, text: await file.text() });
  };
  if (candidate) {
    return (
      <p class="candidate">
        <span class="badge neutral">candidate</span> <strong>{candidate.name}</strong>{" "}
        <span class="muted small">{Math.ceil(candidate.text.length / KB)} KB</span>
        <button type="button" class="plain" onClick={() => onCandidate(undefined)}>
          Remove it
        </button>
      </p>
    );
  }
  return (
    <div class="candidate">
      <label class="button">
        Choose a candidate
        <input
          class="unseen"
          type="file"
          accept=".otdt,.json"
          onChange={({ currentTarget }) => void choose(currentTarget.files?.[0])}
        />
      </label>
      <div class="field grow">
        <label for={id}>or paste the text of its file</label>
        <textarea
          id={id}
          class="code"
          rows={1}
          spellcheck={false}
          placeholder='{ "schemaId": "https://www.opentext.com/…/DecisionTable", …'
          onInput={({ currentTarget: { value } }) => isJson(value) && onCandidate({ name: PASTED, text: value })}
          onChange={({ currentTarget: { value } }) => {
            if (value.trim() !== "") onCandidate({ name: PASTED, text: value });
          }}
        />
      </div>
    </div>
  );
}

/** It is complete: what is still being typed is not. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
