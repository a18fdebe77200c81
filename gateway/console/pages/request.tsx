/** What is asked for? A sponsorship, or a playlist. */
import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import { PlaylistRequestDocument, SponsorshipDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { Id } from "../parts/id.tsx";
import { Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";

export function Request({ id }: { readonly id: string }) {
  if (id.startsWith("sponsorship_")) return <Sponsorship id={id} />;
  if (id.startsWith("playlist-request_")) return <PlaylistRequest id={id} />;
  return (
    <Panel id={id} title="Request">
      <></>
    </Panel>
  );
}

function Sponsorship({ id }: { readonly id: string }) {
  const { data, isLoading } = useQuery(SponsorshipDocument, { id });
  const found = data?.sponsorship;
  return (
    <Panel id={id} title="Sponsorship" isLoading={isLoading}>
      {found && (
        <>
          <dt>Brand</dt>
          <dd>
            <strong>{found.brand}</strong>, {found.productCategory}
          </dd>
          <dt>Campaign</dt>
          <dd>
            <Link href={`/campaigns/${found.campaign.id}`}>{found.campaign.name}</Link>
          </dd>
          <dt>Episode</dt>
          <dd>
            <Link href={`/episodes/${found.episode.id}`}>{found.episode.title}</Link>
          </dd>
          <dt>Not beside</dt>
          <dd>{found.competitors.join(", ") || "nobody is named"}</dd>
          <dt>Status</dt>
          <dd>
            <Status value={found.status} /> asked <Time value={found.requestedAt} />
          </dd>
        </>
      )}
    </Panel>
  );
}

function PlaylistRequest({ id }: { readonly id: string }) {
  const { data, isLoading } = useQuery(PlaylistRequestDocument, { id });
  const found = data?.playlistRequest;
  return (
    <Panel id={id} title="Branded playlist" isLoading={isLoading}>
      {found && (
        <>
          <dt>Title</dt>
          <dd>
            <strong>{found.title}</strong>, {found.usage.toLowerCase().replaceAll("_", " ")}
          </dd>
          <dt>Location</dt>
          <dd>
            <Link href={`/locations/${found.location.id}`}>{found.location.name}</Link>
          </dd>
          <dt>Tracks</dt>
          <dd>{found.trackUris.length}</dd>
          <dt>Guidelines</dt>
          <dd>{found.brandGuidelines ?? "none"}</dd>
          <dt>Status</dt>
          <dd>
            <Status value={found.status} /> asked <Time value={found.requestedAt} />
          </dd>
        </>
      )}
    </Panel>
  );
}

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly isLoading?: boolean;
  readonly children: ComponentChildren;
}

function Panel({ id, title, isLoading = false, children }: PanelProps) {
  return (
    <section class="panel" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        <Id value={id} />
      </div>
      {isLoading ? <Skeleton lines={5} /> : <dl class="facts">{children}</dl>}
    </section>
  );
}
