/** What did the last request take? Two tabs below GraphiQL, closed until one is opened. */
import { useState } from "preact/hooks";
import { Plan } from "../pages/plan.tsx";
import { Wave } from "../pages/wave.tsx";
import { Empty } from "../parts/states.tsx";
import { useStore } from "../parts/store.ts";
import { lastExplain } from "./requests.ts";

const TABS = ["Plan", "Decisions"] as const;

export function Panel() {
  const explain = useStore(lastExplain);
  const [open, setOpen] = useState<(typeof TABS)[number]>();
  return (
    <aside class="panel" aria-label="What the last request took">
      <div class="tabs">
        {TABS.map((tab) => (
          <button
            key={tab}
            type="button"
            aria-expanded={tab === open}
            onClick={() => setOpen(tab === open ? undefined : tab)}
          >
            {tab}
          </button>
        ))}
        <span class="muted small">of the last request</span>
      </div>
      {open !== undefined && (
        <div class="stack open">
          {!explain && (
            <Empty title="Nothing to show yet">
              Run a query: its plan and its decisions come here. They take the scope <code>graph:read</code>.
            </Empty>
          )}
          {explain && open === "Plan" && <Plan explain={explain} />}
          {explain && open === "Decisions" && <Wave explain={explain} />}
        </div>
      )}
    </aside>
  );
}
