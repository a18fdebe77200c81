/** Which episode is meant? It is found by a part of its title, and chosen among those that have it. */
import { useEffect, useId, useState } from "preact/hooks";
import { FindEpisodesDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";

export interface EpisodeFieldProps {
  readonly label: string;
  /** Its id; empty until one is chosen. */
  readonly value: string;
  readonly onValue: (id: string) => void;
}

/** Milliseconds without a key until it is asked. */
const STILL_MS = 200;

export function EpisodeField({ label, value, onValue }: EpisodeFieldProps) {
  const id = useId();
  const [text, setText] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), STILL_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, errors } = useQuery(FindEpisodesDocument, { search });
  const { nodes = [], totalCount = 0 } = data?.episodes ?? {};
  const isAmong = nodes.some((episode) => episode.id === value);
  const more = totalCount - nodes.length;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="search"
        placeholder="a part of its title"
        autoComplete="off"
        maxLength={200}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        // It would send the form.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      />
      <select
        aria-label={`${label}, found`}
        size={5}
        required
        value={isAmong ? value : ""}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
      >
        {nodes.map(({ id: episode, title, show }) => (
          <option key={episode} value={episode}>
            {title}, {show.name}
          </option>
        ))}
      </select>
      <span class="muted small" role="status">
        {errors[0]?.message ??
          (data === undefined
            ? "Looking…"
            : nodes.length === 0
              ? "No episode has that in its title."
              : more > 0
                ? `${more.toLocaleString("en")} more: type more of the title.`
                : "")}
      </span>
    </div>
  );
}
