/** Which campaigns are there, and what is decided of one? Whom it should reach, whether it may run; and both are acted on. */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import {
  ExplainCampaignDocument,
  ActivateCampaignDocument,
  ApplyTargetingDocument,
  CampaignDocument,
  CampaignsDocument,
  PauseCampaignDocument,
} from "../generated/operations.ts";
import type { CampaignQuery, CampaignStatus, CampaignsQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { usePages } from "../graph/use-pages.ts";
import { useQuery } from "../graph/use-query.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import type { Column } from "../parts/data-table.tsx";
import { DecisionCard } from "../parts/decision-card.tsx";
import { FilterField, useFilters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { OfferedLink } from "../parts/offered-link.tsx";
import { RuledOn } from "../parts/refusal.tsx";
import type { Ruled } from "../parts/refusal.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { inSmallLetters } from "../parts/text.ts";
import { useMay } from "../session/caller.tsx";
import { CampaignRequests } from "./campaign-requests.tsx";
import { DecidedFilter, useDecided } from "./eligibility-filter.tsx";
import { EntityList, Opens } from "./entity-list.tsx";
import { EntityPage, FactList } from "./entity-page.tsx";

type Row = CampaignsQuery["campaigns"]["nodes"][number];
type Campaign = NonNullable<CampaignQuery["campaign"]>;

const STATUSES: readonly CampaignStatus[] = ["ACTIVE", "PAUSED", "PENDING", "DRAFT", "ARCHIVED", "RESTRICTED"];

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "name",
    title: "Campaign",
    isWide: true,
    cell: ({ id, name }) => <Opens href={`/campaigns/${id}`} text={name} />,
  },
  {
    name: "status",
    title: "Status",
    cell: ({ status, requestedStatus }) => <Changing status={status} requested={requestedStatus} />,
  },
  { name: "advertiser", title: "Advertiser", isWide: true, cell: ({ advertiser }) => advertiser },
  { name: "category", title: "Category", isWide: true, cell: ({ category }) => category },
  { name: "tier", title: "Tier", cell: ({ tier }) => tier.toLowerCase() },
  { name: "ends", title: "Ends", cell: ({ endsAt }) => endsAt && <Time value={endsAt} /> },
  { name: "id", title: "Id", cell: ({ id }) => <Id value={id} /> },
];

export function CampaignsPage() {
  const { filters, set } = useFilters();
  const status = STATUSES.find((one) => one === filters["status"]) ?? null;
  const eligible = useDecided("eligible");
  const pages = usePages(
    CampaignsDocument,
    { first: 100, status, eligible: eligible ?? null },
    ({ campaigns }) => campaigns,
  );
  return (
    <EntityList
      title="Campaigns"
      lead="As Spotify Ads has them."
      path="/campaigns"
      prefix="campaign_"
      pages={pages}
      columns={COLUMNS}
      textOf={({ name, advertiser, category }) => `${name} ${advertiser ?? ""} ${category ?? ""}`}
      empty="Campaigns are made in Spotify Ads; they are here as soon as they are there."
      decided={
        eligible === undefined ? undefined : { filter: "eligible", narrower: "Choose a status, so that it is fewer." }
      }
      filters={
        <>
          <FilterField
            label="Status"
            value={status ?? ""}
            onValue={(value) => set("status", value)}
            choices={STATUSES}
            textOf={inSmallLetters}
          />
          <DecidedFilter name="eligible" label="May go live" />
        </>
      }
    />
  );
}

export function CampaignPage({ id }: { readonly id: string }) {
  const asked = useQuery(CampaignDocument, { id });
  const campaign = asked.data?.campaign ?? undefined;
  const { actions, said } = useActions(campaign);
  return (
    <EntityPage
      id={id}
      title={campaign?.name}
      crumb={["Campaigns", "/campaigns"]}
      asked={asked}
      lead={campaign && <Changing status={campaign.status} requested={campaign.requestedStatus} />}
      actions={actions}
    >
      {campaign && (
        <>
          {said}
          <div class="columns">
            <DecisionCard
              title="May it go live?"
              decision={campaign.activation}
              errors={asked.errors}
              field="activation"
              explains={{
                document: ExplainCampaignDocument,
                variables: { id },
                of: (data) => data.campaign?.activation,
              }}
            >
              {campaign.activation?.alternative && (
                <p>
                  Instead:{" "}
                  <Link href={`/campaigns/${campaign.activation.alternative.id}`}>
                    {campaign.activation.alternative.name}
                  </Link>
                </p>
              )}
            </DecisionCard>
            <DecisionCard
              title="Whom should it reach?"
              decision={campaign.targeting}
              errors={asked.errors}
              field="targeting"
              explains={{
                document: ExplainCampaignDocument,
                variables: { id },
                of: (data) => data.campaign?.targeting,
              }}
            >
              {campaign.targeting && (
                <FactList
                  facts={[
                    ["Include", campaign.targeting.include.join(", ")],
                    ["Exclude", campaign.targeting.exclude.join(", ")],
                    ["Offer", campaign.targeting.offer],
                    ["Journey", campaign.targeting.journey],
                  ]}
                />
              )}
            </DecisionCard>
          </div>
          <div class="columns">
            <About campaign={campaign} />
            <Requests campaign={campaign} />
          </div>
        </>
      )}
    </EntityPage>
  );
}

function Changing({ status, requested }: { readonly status: string; readonly requested: string | null }) {
  return (
    <>
      <Status value={status} />
      {requested !== null && requested !== status && (
        <span class="muted small"> becomes {requested.toLowerCase()}</span>
      )}
    </>
  );
}

type Action = "activate" | "pause" | "target";

/** Each is asked for in a dialog: it changes what runs in Spotify Ads. */
function useActions(campaign: Campaign | undefined) {
  const may = useMay("decisions:write");
  const activate = useChange(ActivateCampaignDocument);
  const pause = useChange(PauseCampaignDocument);
  const target = useChange(ApplyTargetingDocument);
  const [asked, ask] = useState<Action>();
  const [ruled, rule] = useState<Ruled>();
  if (!campaign) return { actions: undefined, said: undefined };
  const { id: campaignId, name, status, requestedStatus } = campaign;
  const dialog = { input: () => ({ campaignId }), onClose: () => ask(undefined) };
  const actions = may && (
    <>
      {(requestedStatus ?? status) === "ACTIVE" ? (
        <button type="button" onClick={() => ask("pause")}>
          Pause
        </button>
      ) : (
        <button type="button" onClick={() => ask("activate")}>
          Activate
        </button>
      )}
      <button type="button" onClick={() => ask("target")}>
        Apply targeting
      </button>
    </>
  );
  const said = (
    <>
      {ruled && <RuledOn {...ruled} />}
      {asked === "activate" && (
        <ChangeDialog
          {...dialog}
          title={`Activate ${name}`}
          action="Activate it"
          change={activate}
          onDone={({ activateCampaign: { decision } }) => rule({ what: "Activate", decision })}
        >
          <p>It goes live in Spotify Ads, if the rules allow it.</p>
        </ChangeDialog>
      )}
      {asked === "pause" && (
        <ChangeDialog {...dialog} title={`Pause ${name}`} action="Pause it" change={pause}>
          <p>It stops in Spotify Ads until somebody activates it.</p>
        </ChangeDialog>
      )}
      {asked === "target" && (
        <ChangeDialog
          {...dialog}
          title={`Apply the targeting of ${name}`}
          action="Apply it"
          change={target}
          onDone={({ applyTargeting: { decision } }) => rule({ what: "Apply targeting", decision })}
        >
          <p>Its audience in Spotify Ads becomes the one that the rules give, if they allow it.</p>
        </ChangeDialog>
      )}
    </>
  );
  return { actions, said };
}

function About({ campaign }: { readonly campaign: Campaign }) {
  const { advertiser, category, tier, budget, targets, startsAt, endsAt, asOf, id } = campaign;
  return (
    <section class="panel" aria-label="About">
      <h2>About</h2>
      <FactList
        facts={[
          ["Advertiser", advertiser],
          ["Category", category],
          ["Tier", tier.toLowerCase()],
          ["Budget", budget && budget.amount.toLocaleString("en", { style: "currency", currency: budget.currency })],
          ["Countries", targets.countries.join(", ")],
          ["Ages", agesOf(targets)],
          ["Starts", startsAt && <Time value={startsAt} />],
          ["Ends", endsAt && <Time value={endsAt} />],
          ["As of", <Time key="asOf" value={asOf} />],
          ["Id", <Id key="id" value={id} />],
        ]}
      />
    </section>
  );
}

function agesOf({ minAge, maxAge }: Campaign["targets"]): string {
  if (minAge === null) return maxAge === null ? "any" : `up to ${maxAge}`;
  return maxAge === null ? `from ${minAge}` : `${minAge} to ${maxAge}`;
}

function Requests({ campaign: { id, sponsorships, cases } }: { readonly campaign: Campaign }) {
  const may = useMay("decisions:write");
  return (
    <section class="panel" aria-label="Requests">
      <h2>Sponsorships and cases</h2>
      {may && <CampaignRequests campaignId={id} />}
      {sponsorships.nodes.length + cases.nodes.length === 0 && <p class="muted">Nobody has asked for anything yet.</p>}
      <ul class="reason-list">
        {sponsorships.nodes.map(({ id: request, brand, status, requestedAt, episode, review }) => (
          <li key={request}>
            <Status value={status} /> {brand} in <Link href={`/episodes/${episode.id}`}>{episode.title}</Link>{" "}
            <span class="muted small">
              <Time value={requestedAt} />
            </span>{" "}
            <OfferedLink href={`/decisions?subject=${request}`}>why</OfferedLink>{" "}
            {review && <Link href={`/reviews/${review.id}`}>review</Link>}
          </li>
        ))}
        {cases.nodes.map(({ id: supportCase, account, issue, severity, status, openedAt }) => (
          <li key={supportCase}>
            <Status value={status} /> <Status value={severity} /> {inSmallLetters(issue)}, {account}{" "}
            <span class="muted small">
              <Time value={openedAt} />
            </span>{" "}
            <OfferedLink href={`/worklists/cases/${supportCase}`}>why</OfferedLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
