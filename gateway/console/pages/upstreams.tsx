/** How does each upstream answer, and what is left of its limits? */
import type { NowQuery } from "../generated/operations.ts";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";

export type Upstream = NonNullable<NowQuery["activity"]>["upstreams"][number];
export type Budget = Upstream["budgets"][number];
export type Failure = NonNullable<Upstream["lastFailure"]>;

/** The share of a limit below which it is nearly used up. */
export const LOW = 0.1;

const TITLES: Readonly<Record<string, string>> = { opentext: "OpenText", crm: "CRM" };

/** `spotify-ads` → Spotify Ads. */
export function titleOf(name: string): string {
  return TITLES[name] ?? name.replace(/(?:^|-)(\w)/g, (_found, letter: string) => ` ${letter.toUpperCase()}`).trim();
}

/** What became of a call, in the middle of a sentence. */
export function failureText({ code, status }: Failure): string {
  if (code === "UPSTREAM_TIMEOUT") return "no answer in time";
  if (code === "UPSTREAM_UNEXPECTED") return "an answer that cannot be read";
  if (status === 401 || status === 403) return `our account is refused (${status})`;
  if (status === 429) return "too many calls (429)";
  return status === null ? "no connection" : `an error (${status})`;
}

export function Upstreams({ upstreams }: { readonly upstreams: readonly Upstream[] }) {
  return (
    <section class="panel">
      <h2>Upstreams</h2>
      <ul class="upstreams">
        {upstreams.map((upstream) => (
          <li key={upstream.name}>
            <strong>{titleOf(upstream.name)}</strong>
            <Status value={upstream.state ?? "NOT_ASKED"} />
            <span class="number">
              {upstream.calls.toLocaleString("en")} {upstream.calls === 1 ? "call" : "calls"}
            </span>
            <span class="number">{upstream.failures.toLocaleString("en")} failed</span>
            <span class="more">
              {upstream.lastFailure && (
                <>
                  {failureText(upstream.lastFailure)}, <Time value={upstream.lastFailure.at} />
                </>
              )}
            </span>
            <span class="budgets">
              {upstream.budgets.map((budget) => (
                <BudgetLine key={budget.name} budget={budget} />
              ))}
            </span>
          </li>
        ))}
      </ul>
      <p class="more">Calls of the last five minutes.</p>
    </section>
  );
}

function BudgetLine({ budget: { name, left, total, fullAt } }: { readonly budget: Budget }) {
  const colour = left === 0 ? "--deny-fill" : left <= total * LOW ? "--review-fill" : "--allow-fill";
  return (
    <span class="budget">
      <span class="number">{left.toLocaleString("en")}</span>
      <span>
        of {total.toLocaleString("en")} {name}
      </span>
      <svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect width={total === 0 ? 0 : (100 * left) / total} height="10" style={{ fill: `var(${colour})` }} />
      </svg>
      <span class="more">full {fullAt && <Time value={fullAt} />}</span>
    </span>
  );
}
