/** Which episodes are there, and may one be published? What is missing is said, and it is published where the rules allow it. */
import { useState } from "preact/hooks";
import {
  EpisodeDocument,
  EpisodePlacementDocument,
  EpisodesDocument,
  ExplainEpisodeDocument,
  ExplainPlacementDocument,
  PublishEpisodeDocument,
} from "../generated/operations.ts";
import type { EpisodeStatus, EpisodesQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { usePages } from "../graph/use-pages.ts";
import { useQuery } from "../graph/use-query.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import type { Column } from "../parts/data-table.tsx";
import { DecisionCard } from "../parts/decision-card.tsx";
import { FilterField, useFilters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { RuledOn } from "../parts/refusal.tsx";
import type { Ruled } from "../parts/refusal.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { inSmallLetters } from "../parts/text.ts";
import { useMay } from "../session/caller.tsx";
import { CampaignField } from "./campaign-field.tsx";
import { CampaignQuestion } from "./campaign-question.tsx";
import { EntityList, Opens } from "./entity-list.tsx";
import { EntityPage, FactList } from "./entity-page.tsx";
import { SubmitDialog } from "./submit-dialog.tsx";

type Row = EpisodesQuery["episodes"]["nodes"][number];

const STATUSES: readonly EpisodeStatus[] = ["DRAFT", "SUBMITTED", "SCHEDULED", "PUBLISHED"];
/** A publication is final, and what is scheduled cannot be submitted again: the graph would refuse it. */
const SUBMITTABLE: ReadonlySet<EpisodeStatus> = new Set(["DRAFT", "SUBMITTED"]);
const PUBLISHABLE: ReadonlySet<EpisodeStatus> = new Set(["SUBMITTED", "SCHEDULED"]);
const MINUTE_MS = 60_000;

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "title",
    title: "Episode",
    isWide: true,
    cell: ({ id, title }) => <Opens href={`/episodes/${id}`} text={title} />,
  },
  { name: "show", title: "Show", isWide: true, cell: ({ show }) => show.name },
  { name: "status", title: "Status", cell: ({ status }) => <Status value={status} /> },
  { name: "languages", title: "Languages", cell: ({ languages }) => languages.join(", ") },
  { name: "published", title: "Published", cell: ({ publishedAt }) => publishedAt && <Time value={publishedAt} /> },
  { name: "id", title: "Id", cell: ({ id }) => <Id value={id} /> },
];

export function EpisodesPage() {
  const { filters, set } = useFilters();
  const status = STATUSES.find((one) => one === filters["status"]) ?? null;
  const mayDecide = useMay("eligibility:read");
  const campaign = mayDecide ? filters["for"] : undefined;
  const pages = usePages(
    EpisodesDocument,
    { first: 100, status, eligibleFor: campaign ?? null },
    ({ episodes }) => episodes,
  );
  return (
    <EntityList
      title="Episodes"
      lead="As Megaphone and Spotify have them, by show."
      path="/episodes"
      prefix="episode_"
      pages={pages}
      columns={COLUMNS}
      textOf={({ title, show }) => `${title} ${show.name}`}
      empty="Episodes are made in Megaphone; they are here as soon as they are there."
      decided={
        campaign === undefined ? undefined : { filter: "for", narrower: "Open one to see whether it may carry it." }
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
          {mayDecide && (
            <CampaignField label="May carry" value={campaign ?? ""} onValue={(value) => set("for", value)} />
          )}
        </>
      }
    />
  );
}

export function EpisodePage({ id }: { readonly id: string }) {
  const asked = useQuery(EpisodeDocument, { id });
  const mayDecide = useMay("eligibility:read");
  const episode = asked.data?.episode ?? undefined;
  const submission = episode?.submission;
  const may = useMay("decisions:write");
  const publish = useChange(PublishEpisodeDocument);
  const [isSubmitting, submit] = useState(false);
  const [ruled, rule] = useState<Ruled>();
  const [isPublishing, setPublishing] = useState(false);
  return (
    <EntityPage
      id={id}
      title={episode?.title}
      crumb={["Episodes", "/episodes"]}
      asked={asked}
      lead={
        episode && (
          <>
            <Status value={episode.status} /> {episode.show.name}
          </>
        )
      }
      actions={
        may &&
        episode && (
          <>
            {SUBMITTABLE.has(episode.status) && (
              <button type="button" onClick={() => submit(true)}>
                Submit
              </button>
            )}
            {PUBLISHABLE.has(episode.status) && (
              <button type="button" onClick={() => setPublishing(true)}>
                Publish
              </button>
            )}
          </>
        )
      }
    >
      {episode && (
        <>
          {ruled && <RuledOn {...ruled} />}
          {isPublishing && (
            <ChangeDialog
              title={`Publish ${episode.title}`}
              action="Publish it"
              change={publish}
              input={() => ({ episodeId: id })}
              onDone={({ publishEpisode: { decision } }) => rule({ what: "Publish", decision })}
              onClose={() => setPublishing(false)}
            >
              <p>Megaphone publishes it, if the rules allow it.</p>
            </ChangeDialog>
          )}
          {isSubmitting && (
            <SubmitDialog
              episode={episode}
              onClose={() => submit(false)}
              onDecided={(decision) => rule({ what: "Submit", decision })}
            />
          )}
          <div class="columns">
            <DecisionCard
              title="May it be published?"
              decision={episode.publishing}
              errors={asked.errors}
              field="publishing"
              explains={{ document: ExplainEpisodeDocument, variables: { id }, of: (data) => data.episode?.publishing }}
            >
              {episode.publishing && (
                <FactList
                  facts={[
                    ["Missing", episode.publishing.missing.join(", ")],
                    ["Not in", episode.publishing.blockedMarkets.join(", ")],
                  ]}
                />
              )}
            </DecisionCard>
            <section class="panel" aria-label="About">
              <h2>About</h2>
              <FactList
                facts={[
                  ["Show", episode.show.name],
                  ["Publisher", episode.show.publisher],
                  ["Explicit", episode.explicit ? "yes, or not known" : "no"],
                  ["Languages", episode.languages.join(", ")],
                  ["Topics", episode.topics.join(", ")],
                  ["Transcript", episode.transcriptAvailable ? "yes" : "no"],
                  [
                    "Length",
                    episode.durationMs > 0 ? `${Math.round(episode.durationMs / MINUTE_MS)} min` : "not known",
                  ],
                  ["Submitted", submission && <Time value={submission.submittedAt} />],
                  ["Disclaimers", submission?.disclaimers.map((text) => <div key={text}>{text}</div>)],
                  ["Approvals", submission?.approvals.join(", ")],
                  ["Markets", submission?.markets.join(", ")],
                  ["Published", episode.publishedAt && <Time value={episode.publishedAt} />],
                  ["As of", <Time key="asOf" value={episode.asOf} />],
                  ["Id", <Id key="id" value={episode.id} />],
                ]}
              />
              {episode.description !== null && <p class="muted">{episode.description}</p>}
            </section>
          </div>
          {mayDecide && (
            <CampaignQuestion
              title="May it carry a campaign?"
              id={id}
              document={EpisodePlacementDocument}
              field="placement"
              of={(data) => data.episode?.placement}
              explains={{ document: ExplainPlacementDocument, of: (data) => data.episode?.placement }}
            />
          )}
        </>
      )}
    </EntityPage>
  );
}
