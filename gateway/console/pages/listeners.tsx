/** Who listens, which audiences are they in, and how good a lead are they? Personal data: only with `listeners:read`. */
import { useState } from "preact/hooks";
import {
  ExplainActivationDocument,
  ExplainListenerDocument,
  ListenerActivationDocument,
  ListenerDocument,
  ListenersDocument,
  RecordConsentDocument,
  RouteLeadDocument,
} from "../generated/operations.ts";
import type { ListenerQuery, ListenersQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { usePages } from "../graph/use-pages.ts";
import { useQuery } from "../graph/use-query.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import type { Column } from "../parts/data-table.tsx";
import { DecisionCard } from "../parts/decision-card.tsx";
import { Id } from "../parts/id.tsx";
import { Time } from "../parts/time.tsx";
import { useMay } from "../session/caller.tsx";
import { CampaignQuestion } from "./campaign-question.tsx";
import { CountryFilter, useCountry } from "./country-filter.tsx";
import { EntityList, Opens } from "./entity-list.tsx";
import { EntityPage, FactList } from "./entity-page.tsx";

type Row = ListenersQuery["listeners"]["nodes"][number];
type Listener = NonNullable<ListenerQuery["listener"]>;

const PURPOSES = ["MARKETING", "PERSONALISATION", "PROFILING"] as const;

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "id",
    title: "Listener",
    cell: ({ id }) => <Opens href={`/listeners/${id}`} text={id.replace("listener_", "").slice(0, 13)} />,
  },
  { name: "country", title: "Country", cell: ({ country }) => country },
  { name: "age", title: "Age", isNumber: true, cell: ({ age }) => age },
  { name: "value", title: "Value", cell: ({ customerValue }) => customerValue.toLowerCase() },
  { name: "industry", title: "Industry", cell: ({ industry }) => industry },
  { name: "products", title: "Products", isWide: true, cell: ({ productsOwned }) => productsOwned.join(", ") },
  {
    name: "consents",
    title: "Consents",
    cell: ({ consents }) =>
      consents
        .filter(({ granted }) => granted)
        .map(({ purpose }) => purpose.toLowerCase())
        .join(", "),
  },
];

export function ListenersPage() {
  const country = useCountry();
  const pages = usePages(ListenersDocument, { first: 100, country }, ({ listeners }) => listeners);
  return (
    <EntityList
      title="Listeners"
      lead="People. What you see here is personal."
      path="/listeners"
      prefix="listener_"
      pages={pages}
      columns={COLUMNS}
      textOf={({ industry, productsOwned }) => `${industry ?? ""} ${productsOwned.join(" ")}`}
      searched="an industry, a product, or an id: listener_…"
      filters={<CountryFilter />}
      empty={
        country === null ? "Listeners are here once something is known of them." : "Nothing is known of anybody there."
      }
    />
  );
}

export function ListenerPage({ id }: { readonly id: string }) {
  const asked = useQuery(ListenerDocument, { id });
  const listener = asked.data?.listener ?? undefined;
  const may = useMay("decisions:write");
  const mayDecide = useMay("eligibility:read");
  const route = useChange(RouteLeadDocument);
  const [isRouting, setRouting] = useState(false);
  return (
    <EntityPage
      id={id}
      title={listener ? `Listener in ${listener.country}` : undefined}
      crumb={["Listeners", "/listeners"]}
      asked={asked}
      actions={
        may && (
          <button type="button" onClick={() => setRouting(true)}>
            Route as a lead
          </button>
        )
      }
    >
      {listener && (
        <>
          {isRouting && (
            <ChangeDialog
              title="Route as a lead"
              action="Route it"
              change={route}
              input={() => ({ listenerId: id })}
              onClose={() => setRouting(false)}
            >
              <p>The CRM gets the listener as a lead, to the queue that the rules give.</p>
            </ChangeDialog>
          )}
          <div class="columns">
            <DecisionCard
              title="Which audiences?"
              decision={listener.segments}
              errors={asked.errors}
              field="segments"
              explains={{ document: ExplainListenerDocument, variables: { id }, of: (data) => data.listener?.segments }}
            >
              {listener.segments && (
                <FactList facts={[["Segments", listener.segments.segments.join(", ") || "none"]]} />
              )}
            </DecisionCard>
            <DecisionCard
              title="How good a lead?"
              decision={listener.lead}
              errors={asked.errors}
              field="lead"
              explains={{ document: ExplainListenerDocument, variables: { id }, of: (data) => data.listener?.lead }}
            >
              {listener.lead && (
                <FactList
                  facts={[
                    ["Score", `${listener.lead.score} of 100`],
                    ["Route", listener.lead.route.toLowerCase()],
                    ["Queue", listener.lead.queue],
                  ]}
                />
              )}
            </DecisionCard>
          </div>
          {mayDecide && (
            <CampaignQuestion
              title="May a campaign be shown to them?"
              id={id}
              document={ListenerActivationDocument}
              field="activation"
              of={(data) => data.listener?.activation}
              explains={{ document: ExplainActivationDocument, of: (data) => data.listener?.activation }}
            />
          )}
          <div class="columns">
            <About listener={listener} />
            <Consents listener={listener} />
          </div>
        </>
      )}
    </EntityPage>
  );
}

function About({ listener }: { readonly listener: Listener }) {
  const { id, country, region, age, customerValue, industry, productsOwned, engagement } = listener;
  return (
    <section class="panel" aria-label="About">
      <h2>About</h2>
      <FactList
        facts={[
          ["Country", region === null ? country : `${country}, ${region}`],
          ["Age", age],
          ["Value", customerValue.toLowerCase()],
          ["Industry", industry],
          ["Products", productsOwned.join(", ")],
          ["Listens", `${engagement.listens}, ${engagement.skips} skipped`],
          ["Follows", engagement.follows],
          ["Playlist adds", engagement.playlistAdds],
          ["Clicks", engagement.ctaClicks],
          ["Last seen", engagement.lastAt && <Time value={engagement.lastAt} />],
          ["Id", <Id key="id" value={id} />],
        ]}
      />
    </section>
  );
}

function Consents({ listener: { id, consents } }: { readonly listener: Listener }) {
  const may = useMay("decisions:write");
  const record = useChange(RecordConsentDocument);
  const [asked, ask] = useState<{ readonly purpose: (typeof PURPOSES)[number]; readonly granted: boolean }>();
  const known = new Map(consents.map((consent) => [consent.purpose, consent]));
  return (
    <section class="panel" aria-label="Consents">
      <h2>Consents</h2>
      {asked && (
        <ChangeDialog
          title={asked.granted ? "Record a consent" : "Record a withdrawal"}
          action="Record it"
          change={record}
          input={() => ({ listenerId: id, ...asked })}
          onClose={() => ask(undefined)}
        >
          <p>
            For {asked.purpose.toLowerCase()}: the listener has {asked.granted ? "agreed" : "withdrawn"}. Every later
            decision uses it.
          </p>
        </ChangeDialog>
      )}
      <ul class="reason-list">
        {PURPOSES.map((purpose) => {
          const consent = known.get(purpose);
          return (
            <li key={purpose} class="consent">
              <span class={`badge ${consent ? (consent.granted ? "allow" : "deny") : "neutral"}`}>
                {consent ? (consent.granted ? "granted" : "refused") : "not asked"}
              </span>
              {purpose.toLowerCase()}
              <span class="muted small">{consent && <Time value={consent.recordedAt} />}</span>
              {may && (
                <button
                  type="button"
                  class="plain"
                  onClick={() => ask({ purpose, granted: consent?.granted !== true })}
                >
                  {consent?.granted === true ? "Record a withdrawal" : "Record a consent"}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
