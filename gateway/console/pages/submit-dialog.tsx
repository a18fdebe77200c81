/** What comes with an episode that is submitted for publishing? */
import { useState } from "preact/hooks";
import { SubmitEpisodeDocument } from "../generated/operations.ts";
import type { DecisionPartsFragment, EpisodeQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";

export interface SubmitDialogProps {
  readonly episode: NonNullable<EpisodeQuery["episode"]>;
  readonly onClose: () => void;
  readonly onDecided: (decision: DecisionPartsFragment | null) => void;
}

const CHOICES = {
  disclaimers: ["sponsorship", "explicit-content"],
  approvals: ["editorial", "legal"],
} as const;

export function SubmitDialog({ episode, onClose, onDecided }: SubmitDialogProps) {
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [languages, setLanguages] = useState(episode.languages.join(", "));
  const [markets, setMarkets] = useState("");
  const [transcript, setTranscript] = useState("");
  const submit = useChange(SubmitEpisodeDocument);
  const toggle = (name: string): void =>
    choose((before) =>
      before.has(name) ? new Set([...before].filter((one) => one !== name)) : new Set([...before, name]),
    );
  const input = () => ({
    episodeId: episode.id,
    disclaimers: CHOICES.disclaimers.filter((name) => chosen.has(name)),
    approvals: CHOICES.approvals.filter((name) => chosen.has(name)),
    languages: listOf(languages),
    markets: listOf(markets).map((market) => market.toUpperCase()),
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
      {Object.entries(CHOICES).map(([title, names]) => (
        <fieldset key={title} class="checks">
          <legend>{title === "approvals" ? "Approvals that it has" : "Disclaimers that its listeners get"}</legend>
          {names.map((name) => (
            <label key={name}>
              <input type="checkbox" checked={chosen.has(name)} onChange={() => toggle(name)} /> {name}
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

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
