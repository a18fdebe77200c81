/** What is wrong with an upstream, since when, and what suffers from it? */
import type { ComponentChildren } from "preact";
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
  return {
    key: `upstream ${name}`,
    colour: "deny",
    title: `${titleOf(name)} does not answer`,
    text: (
      <Explained name={name} lastFailure={lastFailure}>
        Its last call:
      </Explained>
    ),
  };
}

function degraded({ name, calls, failures, lastFailure }: Upstream): Wrong {
  return {
    key: `upstream ${name}`,
    colour: "review",
    title: `${titleOf(name)} does not answer every call`,
    text: (
      <Explained name={name} lastFailure={lastFailure}>
        {failures.toLocaleString()} of {calls.toLocaleString()} failed in the last five minutes, the last one:
      </Explained>
    ),
  };
}

interface ExplainedProps {
  readonly name: string;
  readonly lastFailure: Failure | null;
  /** Before what became of it. */
  readonly children: ComponentChildren;
}

function Explained({ name, lastFailure, children }: ExplainedProps) {
  return (
    <span>
      {children}{" "}
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
}

function low({ name }: Upstream, { name: limit, left, total, fullAt }: Budget): Wrong {
  return {
    key: `budget ${name} ${limit}`,
    colour: "review",
    title: `${titleOf(name)}: ${left === 0 ? "no" : left.toLocaleString()} ${limit} left`,
    text: (
      <span>
        Of {total.toLocaleString()}
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
