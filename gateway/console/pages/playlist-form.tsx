/** What is asked for where a location wants a branded playlist? */
import { useState } from "preact/hooks";
import { RequestPlaylistDocument } from "../generated/operations.ts";
import type { PlaylistUsage } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { beginOf, endOf } from "../parts/day.ts";
import { FormDialog, itemsOf } from "../parts/form-dialog.tsx";
import type { FormField, FormValues } from "../parts/form-dialog.tsx";
import { RuledOn } from "../parts/refusal.tsx";
import type { Ruled } from "../parts/refusal.tsx";

const USAGES: readonly PlaylistUsage[] = ["IN_STORE", "EVENT", "PROMOTION"];
const FIELDS: readonly FormField[] = [
  { name: "title", label: "The playlist's name" },
  { name: "usage", label: "What it is for", choices: USAGES },
  {
    name: "tracks",
    label: "Tracks, in their order",
    kind: "lines",
    placeholder: "https://open.spotify.com/track/…, one a line",
  },
  { name: "guidelines", label: "Guideline of the brand", kind: "lines", isOptional: true },
  { name: "startsAt", label: "First day", kind: "date", isOptional: true },
  { name: "endsAt", label: "Last day", kind: "date", isOptional: true },
];

/** People copy links in Spotify, which have the id that its URIs have. */
function trackUriOf(text: string): string {
  const [, id] = /^https:\/\/open\.spotify\.com\/(?:intl-\w+\/)?track\/(\w+)/.exec(text) ?? [];
  return id === undefined ? text : `spotify:track:${id}`;
}

export interface PlaylistFormProps {
  readonly locationId: string;
  /** Of the location, whose days the first and the last one are. */
  readonly timezone: string;
}

export function PlaylistForm({ locationId, timezone }: PlaylistFormProps) {
  const [isOpen, open] = useState(false);
  const [ruled, rule] = useState<Ruled>();
  const request = useChange(RequestPlaylistDocument);
  const inputOf = (values: FormValues) => {
    const { title = "", tracks = "", guidelines = "", startsAt = "", endsAt = "" } = values;
    return {
      locationId,
      title,
      usage: USAGES.find((usage) => usage === values["usage"]) ?? "IN_STORE",
      trackUris: itemsOf(tracks).map(trackUriOf),
      brandGuidelines: guidelines === "" ? null : guidelines,
      startsAt: startsAt === "" ? null : beginOf(startsAt, timezone),
      endsAt: endsAt === "" ? null : endOf(endsAt, timezone),
    };
  };
  return (
    <>
      {ruled && <RuledOn {...ruled} />}
      <p class="row-actions">
        <button type="button" onClick={() => open(true)}>
          Request a playlist
        </button>
      </p>
      {isOpen && (
        <FormDialog
          title="Request a branded playlist"
          action="Request it"
          fields={FIELDS}
          change={request}
          inputOf={inputOf}
          onDone={({ requestPlaylist: { playlistRequest } }) =>
            rule({ what: "Request a playlist", decision: playlistRequest.decision, isRequest: true })
          }
          onClose={() => open(false)}
        />
      )}
    </>
  );
}
