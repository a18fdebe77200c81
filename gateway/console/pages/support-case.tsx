/** What is a support case about, who takes it and why, and how did it end? */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { ExplainCaseDocument, SupportCaseDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { DecisionCard } from "../parts/decision-card.tsx";
import { Id } from "../parts/id.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { inSmallLetters } from "../parts/text.ts";
import { Person, useMay, useMayAsk } from "../session/caller.tsx";
import { EntityPage, FactList } from "./entity-page.tsx";
import { Description, ResolveCase } from "./resolve-case.tsx";

export function SupportCasePage({ id }: { readonly id: string }) {
  const asked = useQuery(SupportCaseDocument, { id, withPersons: useMayAsk("listeners:read") });
  const found = asked.data?.supportCase ?? undefined;
  const may = useMay("decisions:write");
  const [isResolving, resolve] = useState(false);
  return (
    <EntityPage
      id={id}
      title={found && `Case of ${found.account}`}
      crumb={["Support cases", "/worklists?list=cases"]}
      asked={asked}
      lead={found && <Status value={found.status} />}
      actions={
        may &&
        found?.status !== "RESOLVED" && (
          <button type="button" onClick={() => resolve(true)}>
            Resolve
          </button>
        )
      }
    >
      {found && (
        <>
          {isResolving && <ResolveCase case={found} onClose={() => resolve(false)} />}
          <div class="columns">
            <DecisionCard
              title="Who takes it, and how urgently?"
              decision={found.routing}
              errors={asked.errors}
              field="routing"
              explains={{ document: ExplainCaseDocument, variables: { id }, of: (data) => data.supportCase?.routing }}
            >
              {found.routing && (
                <FactList
                  facts={[
                    ["Priority", `${found.routing.priority} (1 is the most urgent)`],
                    ["Queue", found.routing.queue],
                    ["Compensation", found.routing.compensation ?? "none"],
                  ]}
                />
              )}
            </DecisionCard>
            <section class="panel" aria-label="About">
              <h2>About</h2>
              <FactList
                facts={[
                  ["About", inSmallLetters(found.issue)],
                  ["Severity", <Status key="severity" value={found.severity} />],
                  [
                    "Campaign",
                    found.campaign && <Link href={`/campaigns/${found.campaign.id}`}>{found.campaign.name}</Link>,
                  ],
                  ["Was routed to", found.queue],
                  ["Open since", <Time key="openedAt" value={found.openedAt} />],
                  ["Resolved", found.resolvedAt && <Time value={found.resolvedAt} />],
                  ["By", found.resolvedBy && <Person id={found.resolvedBy} />],
                  ["Outcome", found.note],
                  ["Id", <Id key="id" value={id} />],
                ]}
              />
              <Description text={found.description} />
            </section>
          </div>
        </>
      )}
    </EntityPage>
  );
}
