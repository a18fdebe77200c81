/** What comes with an episode that is submitted for publishing? What it was submitted with before is there already. */
import { useState } from "preact/hooks";
import { SubmitEpisodeDocument } from "../generated/operations.ts";
import type { DecisionPartsFragment, EpisodeQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { itemsOf } from "../parts/form-dialog.tsx";

export interface SubmitDialogProps {
  readonly episode: NonNullable<EpisodeQuery["episode"]>;
  readonly onClose: () => void;
  readonly onDecided: (decision: DecisionPartsFragment | null) => void;
}

const KINDS = [
  { kind: "disclaimers", title: "Disclaimers that its listeners get", usual: ["sponsorship", "explicit-content"] },
  { kind: "approvals", title: "Approvals that it has", usual: ["editorial", "legal"] },
] as const;

export function SubmitDialog({ episode, onClose, onDecided }: SubmitDialogProps) {
  const { submission } = episode;
  const [chosen, choose] = useState({
    disclaimers: submission?.disclaimers ?? [],
    approvals: submission?.approvals ?? [],
  });
  const [languages, setLanguages] = useState((submission ?? episode).languages.join(", "));
  const [markets, setMarkets] = useState(submission?.markets.join(", ") ?? "");
  const [transcript, setTranscript] = useState("");
  const submit = useChange(SubmitEpisodeDocument);
  const input = () => ({
    episodeId: episode.id,
    ...chosen,
    languages: itemsOf(languages),
    markets: itemsOf(markets).map((market) => market.toUpperCase()),
    ...(transcript.trim() !== "" && { transcriptUrl: transcript.trim() }),
  });
  return (
    <ChangeDialog
      title="Submit it for publishing"
      action="Submit it"
      change={submit}
      input={input}
      onDone={({ submitEpisode }) => onDecided(submitEpisode.decision)}
      onClose={onClose}
    >
      {KINDS.map(({ kind, title, usual }) => (
        <fieldset key={kind} class="checks">
          <legend>{title}</legend>
          {[...new Set([...usual, ...(submission?.[kind] ?? [])])].map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={chosen[kind].includes(name)}
                onChange={() => choose((before) => ({ ...before, [kind]: toggled(before[kind], name) }))}
              />{" "}
              {name}
            </label>
          ))}
        </fieldset>
      ))}
      <Text label="Languages" value={languages} onValue={setLanguages} placeholder="en, de" />
      <Text label="Markets" value={markets} onValue={setMarkets} placeholder="DE, AT, CH" />
      <Text
        label="Transcript, if it is another one"
        value={transcript}
        onValue={setTranscript}
        placeholder="https://…"
      />
    </ChangeDialog>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly placeholder: string;
}

function Text({ label, value, onValue, placeholder }: TextProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input value={value} placeholder={placeholder} onInput={({ currentTarget }) => onValue(currentTarget.value)} />
    </label>
  );
}

function toggled(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
}
