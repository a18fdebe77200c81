/** How is the graph asked? A first query that is worth running, with what it costs and how its decisions were answered. */
import { useState } from "preact/hooks";
import { run } from "../graph/run.ts";
import type { Ran } from "../graph/run.ts";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";

const FIRST = `# What may be published, and why not?
query FirstLight {
  episodes(first: 20) {
    nodes {
      title
      show { name }
      publishing {
        verdict
        missing
        origin
        reasons { code message }
      }
    }
  }
  campaigns(first: 10) {
    nodes {
      name
      targeting { verdict include offer origin }
    }
  }
}
`;

export function GraphPage() {
  const [query, setQuery] = useState(FIRST);
  const [isRunning, setRunning] = useState(false);
  const [ran, setRan] = useState<Ran | "unreachable">();
  const send = async (): Promise<void> => {
    setRunning(true);
    setRan((await run(query)) ?? "unreachable");
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
      <div class="columns">
        <form
          class="panel stack"
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <div class="field">
            <label for="query">Query</label>
            <textarea
              id="query"
              class="code query"
              rows={24}
              spellcheck={false}
              value={query}
              onInput={({ currentTarget }) => setQuery(currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
                event.preventDefault();
                void send();
              }}
            />
          </div>
          <p class="dialog-foot">
            <span class="muted small">
              <kbd>Ctrl</kbd> <kbd>Enter</kbd>
            </span>
            <button type="submit" class="primary" disabled={isRunning}>
              {isRunning ? "Running…" : "Run"}
            </button>
          </p>
        </form>
        <section class="panel stack" aria-label="Answer">
          {ran === undefined && (
            <Empty title="Nothing was run yet">
              The answer is shown here, with what it costs and how its decisions were made.
            </Empty>
          )}
          {ran === "unreachable" && <Empty title="The gateway does not answer">Run it again in a moment.</Empty>}
          {ran !== undefined && ran !== "unreachable" && <Answer ran={ran} />}
        </section>
      </div>
    </Page>
  );
}

const ORIGINS: Readonly<Record<string, string>> = {
  SERVICE: "asked the service",
  EQUIVALENT: "as for equivalent facts",
  CACHE: "from the cache",
  LOCAL: "by the copy here",
  STALE: "stale",
};

function Answer({ ran: { body, ms, cost, origins } }: { readonly ran: Ran }) {
  return (
    <>
      <dl class="standing">
        <div>
          <dt>answered in</dt>
          <dd>{Math.round(ms).toLocaleString()} ms</dd>
        </div>
        {cost && (
          <div>
            <dt>costs</dt>
            <dd>
              {cost.fieldCost.toLocaleString()} fields, {cost.openTextCalls.toLocaleString()} calls at most
            </dd>
          </div>
        )}
        {[...origins].map(([origin, count]) => (
          <div key={origin}>
            <dt>{ORIGINS[origin] ?? origin}</dt>
            <dd>{count.toLocaleString()}</dd>
          </div>
        ))}
      </dl>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <pre class="code answer-text" tabIndex={0} aria-label="The answer, as JSON">
        {JSON.stringify(body, undefined, 2)}
      </pre>
    </>
  );
}
