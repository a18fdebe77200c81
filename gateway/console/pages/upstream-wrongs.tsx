/** What is wrong with an upstream, since when, and what suffers from it? */
import { Link } from "wouter-preact";
import { Time } from "../parts/time.tsx";
import type { Wrong } from "../parts/wrong-list.tsx";
import { LOW, failureText, titleOf } from "./upstreams.tsx";
import type { Budget, Failure, Upstream } from "./upstreams.tsx";

interface Place {
  readonly title: string;
  readonly href: string;
}

const EFFECTS: Place = { title: "Effects that are retried", href: "/effects?status=RETRYING" };
/** Where it shows that an upstream fails. */
const PLACES: Readonly<Record<string, readonly Place[]>> = {
  opentext: [{ title: "Models", href: "/models" }],
  "spotify-ads": [{ title: "Campaigns", href: "/campaigns" }, EFFECTS],
  "spotify-web": [{ title: "Episodes", href: "/episodes" }, EFFECTS],
  megaphone: [{ title: "Episodes", href: "/episodes" }, EFFECTS],
  soundtrack: [{ title: "Locations", href: "/locations" }, EFFECTS],
};

/** Those that do not answer first, and those whose budget is low last. */
export function wrongsOfUpstreams(upstreams: readonly Upstream[]): readonly Wrong[] {
  return [
    ...upstreams.filter(({ state }) => state === "NOT_ANSWERING").map(failing),
    // Where nothing failed, the circuits say what is wrong.
    ...upstreams.filter(({ state, failures }) => state === "DEGRADED" && failures > 0).map(degraded),
    ...upstreams.flatMap((upstream) =>
      upstream.budgets.filter(({ left, total }) => left <= total * LOW).map((budget) => low(upstream, budget)),
    ),
  ];
}

function failing({ name, lastFailure }: Upstream): Wrong {
  return wrongOf(name, "deny", "does not answer", lastFailure, "Its last call:");
}

function degraded({ name, calls, failures, lastFailure }: Upstream): Wrong {
  const failed = `${failures.toLocaleString("en")} of ${calls.toLocaleString("en")} failed in the last five minutes, the last one:`;
  return wrongOf(name, "review", "does not answer every call", lastFailure, failed);
}

/** `failed`: before what became of the last call. */
function wrongOf(
  name: string,
  colour: Wrong["colour"],
  state: string,
  lastFailure: Failure | null,
  failed: string,
): Wrong {
  const text = (
    <span>
      {failed}{" "}
      {lastFailure && (
        <>
          {failureText(lastFailure)}, <Time value={lastFailure.at} />.{" "}
          {lastFailure.againAt && (
            <>
              It may be asked again <Time value={lastFailure.againAt} />.{" "}
            </>
          )}
        </>
      )}
      <Places name={name} />
    </span>
  );
  return { key: `upstream ${name}`, colour, title: `${titleOf(name)} ${state}`, text };
}

function low({ name }: Upstream, { name: limit, left, total, fullAt }: Budget): Wrong {
  return {
    key: `budget ${name} ${limit}`,
    colour: "review",
    title: `${titleOf(name)}: ${left === 0 ? "no" : left.toLocaleString("en")} ${limit} left`,
    text: (
      <span>
        Of {total.toLocaleString("en")}
        {fullAt && (
          <>
            , all of them again <Time value={fullAt} />
          </>
        )}
        . What it says gets older until then. <Places name={name} />
      </span>
    ),
  };
}

function Places({ name }: { readonly name: string }) {
  return (
    <>
      {(PLACES[name] ?? [EFFECTS]).map(({ title, href }, index) => (
        <span key={href}>
          {index > 0 && " · "}
          <Link href={href}>{title}</Link>
        </span>
      ))}
    </>
  );
}
