/**
 * How is the graph asked, and what does an answer take?
 *
 * A query that is worth running, with its answer, the plan by which subgraphs were asked, and the decisions that were made. What
 * it begins with and which tab is open are in the URL; what somebody has written is not: it may be personal.
 */
import { useContext, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { FIRST_QUERIES, OF_EVERYBODY } from "../graph/first-queries.ts";
import { run } from "../graph/run.ts";
import type { Ran } from "../graph/run.ts";
import { useFilters } from "../parts/filters.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Lacking, Skeleton } from "../parts/states.tsx";
import { lackedBy } from "../sections.ts";
import { CallerContext, NOBODY, useMay } from "../session/caller.tsx";
import { Plan } from "./plan.tsx";
import { QueryForm } from "./query-form.tsx";
import { Wave } from "./wave.tsx";

const TABS = [
  { key: "", title: "Answer" },
  { key: "plan", title: "Plan" },
  { key: "decisions", title: "Decisions" },
] as const;

type Tab = (typeof TABS)[number]["key"];

export function GraphPage() {
  const { filters, set } = useFilters();
  const [isRunning, setRunning] = useState(false);
  const [ran, setRan] = useState<Ran | "unreachable">();
  const mayExplain = useMay("graph:read");
  const caller = useContext(CallerContext);
  const offered = FIRST_QUERIES.filter((query) => lackedBy(caller, query).length === 0);
  const queries = offered.length > 0 ? offered : [OF_EVERYBODY];
  const first = queries.find(({ key }) => key === filters["first"])?.key;
  const begun = queries.find(({ key }) => key === first) ?? queries[0] ?? OF_EVERYBODY;
  const tab = TABS.find(({ key }) => key === filters["tab"])?.key ?? "";
  const send = async (query: string, variables: object): Promise<void> => {
    setRunning(true);
    setRan((await run(query, variables, mayExplain)) ?? "unreachable");
    setRunning(false);
  };
  return (
    <Page
      title="Graph"
      lead="Everything in this console is asked of one GraphQL endpoint, which anybody with a credential may ask."
      actions={
        <a class="button" href="/graphql" target="_blank" rel="noreferrer">
          Open the playground
        </a>
      }
    >
      {caller === NOBODY ? (
        <Skeleton lines={1} height="460px" />
      ) : (
        <QueryForm
          key={begun.key}
          first={begun}
          queries={queries}
          onFirst={(key) => set("first", key)}
          isRunning={isRunning}
          onRun={(query, variables) => void send(query, variables)}
        />
      )}
      <section class="stack" aria-label="What came of it" aria-busy={isRunning}>
        <nav class="tabs" aria-label="What came of it">
          {TABS.filter(({ key }) => key === "" || mayExplain).map(({ key, title }) => (
            <Link key={key} href={hrefOf(key, first)} aria-current={key === tab ? "page" : undefined}>
              {title}
            </Link>
          ))}
        </nav>
        {ran === undefined && (
          <Empty title="Nothing was run yet">
            Its answer comes here, with what it costs; beside it, which subgraphs were asked for it, and how its
            decisions were made.
          </Empty>
        )}
        {ran === "unreachable" && (
          <Empty title="The gateway does not answer">Nothing was lost: run it again in a moment.</Empty>
        )}
        {ran !== undefined && ran !== "unreachable" && (
          <Result ran={ran} tab={tab} answerHref={hrefOf("", first)} mayExplain={mayExplain} />
        )}
      </section>
    </Page>
  );
}

function hrefOf(tab: Tab, first: string | undefined): string {
  const search = new URLSearchParams({ ...(first !== undefined && { first }), ...(tab !== "" && { tab }) });
  return search.size > 0 ? `/graph?${search}` : "/graph";
}

interface ResultProps {
  readonly ran: Ran;
  readonly tab: Tab;
  readonly answerHref: string;
  readonly mayExplain: boolean;
}

function Result({ ran, tab, answerHref, mayExplain }: ResultProps) {
  const { explain } = ran;
  if (tab === "") return <Answer ran={ran} />;
  if (!mayExplain) return <Lacking scope="graph:read" what="To see what an answer takes" />;
  if (!explain)
    return (
      <Empty title="It was not executed">
        Nothing was planned and nobody was asked. <Link href={answerHref}>The answer</Link> says why.
      </Empty>
    );
  return tab === "plan" ? <Plan explain={explain} /> : <Wave explain={explain} />;
}

function Answer({ ran: { body, ms, cost } }: { readonly ran: Ran }) {
  const text = (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <pre class="code answer-text" tabIndex={0} aria-label="The answer, as JSON">
      {JSON.stringify(body, undefined, 2)}
    </pre>
  );
  return (
    <>
      <dl class="standing">
        <div>
          <dt>answered in</dt>
          <dd>{Math.round(ms).toLocaleString("en")} ms</dd>
        </div>
        {cost && (
          <div>
            <dt>costs</dt>
            <dd>
              {cost.fieldCost.toLocaleString("en")} fields, {cost.openTextCalls.toLocaleString("en")} calls at most
            </dd>
          </div>
        )}
      </dl>
      {text}
    </>
  );
}
