/** What is asked for? A sponsorship, or a playlist. */
import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import { PlaylistRequestDocument, SponsorshipDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { Id } from "../parts/id.tsx";
import { LackingPart, Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { inSmallLetters } from "../parts/text.ts";
import { useMayAsk } from "../session/caller.tsx";
import { FactList } from "./entity-page.tsx";
import type { Facts } from "./entity-page.tsx";

/** Whether more than its id is known of it here. */
export function isRequest(id: string): boolean {
  return /^(?:sponsorship|playlist-request)_/.test(id);
}

export function Request({ id }: { readonly id: string }) {
  const may = useMayAsk("graph:read");
  if (may && id.startsWith("sponsorship_")) return <Sponsorship id={id} />;
  if (may && id.startsWith("playlist-request_")) return <PlaylistRequest id={id} />;
  return (
    <Panel id={id} title="Request">
      {!may && <LackingPart scope="graph:read">What was asked for takes</LackingPart>}
    </Panel>
  );
}

function Sponsorship({ id }: { readonly id: string }) {
  const { data, isLoading } = useQuery(SponsorshipDocument, { id });
  const found = data?.sponsorship;
  return (
    <Panel
      id={id}
      title="Sponsorship"
      isLoading={isLoading}
      facts={
        found && [
          ["Brand", <Named key="brand" name={found.brand} more={found.productCategory} />],
          ["Campaign", <Link href={`/campaigns/${found.campaign.id}`}>{found.campaign.name}</Link>],
          ["Episode", <Link href={`/episodes/${found.episode.id}`}>{found.episode.title}</Link>],
          ["Not beside", found.competitors.join(", ") || "nobody is named"],
          ["Status", <Asked key="status" {...found} />],
        ]
      }
    />
  );
}

function PlaylistRequest({ id }: { readonly id: string }) {
  const { data, isLoading } = useQuery(PlaylistRequestDocument, { id });
  const found = data?.playlistRequest;
  return (
    <Panel
      id={id}
      title="Branded playlist"
      isLoading={isLoading}
      facts={
        found && [
          ["Title", <Named key="title" name={found.title} more={inSmallLetters(found.usage)} />],
          ["Location", <Link href={`/locations/${found.location.id}`}>{found.location.name}</Link>],
          ["Tracks", found.trackUris.length],
          ["Guidelines", found.brandGuidelines ?? "none"],
          ["Status", <Asked key="status" {...found} />],
        ]
      }
    />
  );
}

function Named({ name, more }: { readonly name: string; readonly more: string }) {
  return (
    <>
      <strong>{name}</strong>, {more}
    </>
  );
}

function Asked({ status, requestedAt }: { readonly status: string; readonly requestedAt: string }) {
  return (
    <>
      <Status value={status} /> asked <Time value={requestedAt} />
    </>
  );
}

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly isLoading?: boolean;
  /** Default: none is known. */
  readonly facts?: Facts | null | undefined;
  readonly children?: ComponentChildren;
}

function Panel({ id, title, isLoading = false, facts, children }: PanelProps) {
  return (
    <section class="panel" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        <Id value={id} />
      </div>
      {isLoading ? <Skeleton lines={5} /> : <FactList facts={facts ?? []} />}
      {children}
    </section>
  );
}
