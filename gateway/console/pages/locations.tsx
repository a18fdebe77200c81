/** Which locations are there, and may one play music? Its licence is recorded, and its playlist requests are followed. */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { ExplainLocationDocument, LocationDocument, LocationsDocument } from "../generated/operations.ts";
import type { LocationQuery, LocationsQuery, StoreType } from "../generated/operations.ts";
import { usePages } from "../graph/use-pages.ts";
import { useQuery } from "../graph/use-query.ts";
import type { Column } from "../parts/data-table.tsx";
import { DecisionCard } from "../parts/decision-card.tsx";
import { FilterField, useFilters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { OfferedLink } from "../parts/offered-link.tsx";
import { Status } from "../parts/status.tsx";
import { Day, Time } from "../parts/time.tsx";
import { inSmallLetters } from "../parts/text.ts";
import { useMay } from "../session/caller.tsx";
import { CountryFilter, useCountry } from "./country-filter.tsx";
import { DecidedFilter, useDecided } from "./eligibility-filter.tsx";
import { EntityList, Opens } from "./entity-list.tsx";
import { EntityPage, FactList } from "./entity-page.tsx";
import { PlaylistForm } from "./playlist-form.tsx";
import { LicenceDialog } from "./licence-dialog.tsx";

type Row = LocationsQuery["locations"]["nodes"][number];
type Location = NonNullable<LocationQuery["location"]>;

const TYPES: readonly StoreType[] = ["RETAIL", "HOTEL", "RESTAURANT", "FITNESS", "BAR", "OFFICE", "OTHER"];

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "name",
    title: "Location",
    isWide: true,
    cell: ({ id, name }) => <Opens href={`/locations/${id}`} text={name} />,
  },
  { name: "account", title: "Account", isWide: true, cell: ({ account }) => account },
  { name: "type", title: "Type", cell: ({ storeType }) => storeType.toLowerCase() },
  { name: "city", title: "City", cell: ({ city }) => city },
  { name: "country", title: "Country", cell: ({ country }) => country },
  { name: "licence", title: "Licence", cell: ({ licence }) => <Status value={licence?.status ?? "NONE"} /> },
  { name: "until", title: "Until", cell: ({ licence }) => licence?.expiresAt && <Day value={licence.expiresAt} /> },
  { name: "id", title: "Id", cell: ({ id }) => <Id value={id} /> },
];

export function LocationsPage() {
  const { filters, set } = useFilters();
  const storeType = TYPES.find((one) => one === filters["type"]) ?? null;
  const mayPlay = useDecided("plays");
  const country = useCountry();
  const pages = usePages(
    LocationsDocument,
    { first: 100, country, storeType, mayPlay: mayPlay ?? null },
    ({ locations }) => locations,
  );
  return (
    <EntityList
      title="Locations"
      lead="As Soundtrack has them, by account."
      path="/locations"
      prefix="location_"
      pages={pages}
      columns={COLUMNS}
      textOf={({ name, account, city, country }) => `${name} ${account} ${city ?? ""} ${country}`}
      empty="Locations are made in Soundtrack; they are here as soon as they are there."
      decided={
        mayPlay === undefined ? undefined : { filter: "plays", narrower: "Open one to see whether it may play." }
      }
      filters={
        <>
          <CountryFilter />
          <FilterField
            label="Type"
            value={storeType ?? ""}
            onValue={(value) => set("type", value)}
            choices={TYPES}
            textOf={inSmallLetters}
          />
          <DecidedFilter name="plays" label="May play music" />
        </>
      }
    />
  );
}

export function LocationPage({ id }: { readonly id: string }) {
  const asked = useQuery(LocationDocument, { id });
  const location = asked.data?.location ?? undefined;
  const may = useMay("decisions:write");
  const [isRecording, record] = useState(false);
  return (
    <EntityPage
      id={id}
      title={location?.name}
      crumb={["Locations", "/locations"]}
      asked={asked}
      lead={location && `${location.account}, ${location.city ?? ""} ${location.country}`}
      actions={
        may && (
          <button type="button" onClick={() => record(true)}>
            Record licence
          </button>
        )
      }
    >
      {location && (
        <>
          {isRecording && <LicenceDialog location={location} onClose={() => record(false)} />}
          <div class="columns">
            <DecisionCard
              title="May it play music?"
              decision={location.playback}
              errors={asked.errors}
              field="playback"
              explains={{ document: ExplainLocationDocument, variables: { id }, of: (data) => data.location?.playback }}
            >
              {location.playback && (
                <FactList
                  facts={[
                    ["Playlists", location.playback.playlists.join(", ")],
                    ["Licence action", <Status key="action" value={location.playback.licenceAction} />],
                    ["Priority", `${location.playback.priority} (1 is the most urgent)`],
                  ]}
                />
              )}
            </DecisionCard>
            <About location={location} />
          </div>
          <div class="columns">
            <Zones location={location} />
            <Requests location={location} />
          </div>
        </>
      )}
    </EntityPage>
  );
}

function About({ location: { storeType, licence, timezone, asOf, id } }: { readonly location: Location }) {
  return (
    <section class="panel" aria-label="About">
      <h2>About</h2>
      <FactList
        facts={[
          ["Type", storeType.toLowerCase()],
          ["Licence", licence ? `${licence.status.toLowerCase()}, ${licence.tier}` : "none is on record"],
          ["Until", licence?.expiresAt && <Day value={licence.expiresAt} />],
          ["Time zone", timezone],
          ["As of", <Time key="asOf" value={asOf} />],
          ["Id", <Id key="id" value={id} />],
        ]}
      />
    </section>
  );
}

function Zones({ location: { zones } }: { readonly location: Location }) {
  return (
    <section class="panel" aria-label="Sound zones">
      <h2>Sound zones</h2>
      {zones.length === 0 && <p class="muted">Soundtrack has none here.</p>}
      <ul class="reason-list">
        {zones.map(({ id, name, online, subscription, nowPlaying }) => (
          <li key={id}>
            <Status value={online ? "ONLINE" : "OFFLINE"} /> {name}{" "}
            <span class="muted small">
              {subscription.toLowerCase()}
              {nowPlaying !== null && `, plays ${nowPlaying}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Requests({ location: { id: locationId, timezone, playlistRequests } }: { readonly location: Location }) {
  const may = useMay("decisions:write");
  return (
    <section class="panel" aria-label="Playlist requests">
      <h2>Branded playlists</h2>
      {may && <PlaylistForm locationId={locationId} timezone={timezone} />}
      {playlistRequests.nodes.length === 0 && <p class="muted">Nobody has asked for one yet.</p>}
      <ul class="reason-list">
        {playlistRequests.nodes.map(({ id, title, usage, status, requestedAt, review }) => (
          <li key={id}>
            <Status value={status} /> {title}{" "}
            <span class="muted small">
              {inSmallLetters(usage)}, <Time value={requestedAt} />
            </span>{" "}
            <OfferedLink href={`/decisions?subject=${id}`}>why</OfferedLink>{" "}
            {review && <Link href={`/reviews/${review.id}`}>review</Link>}
          </li>
        ))}
      </ul>
    </section>
  );
}
