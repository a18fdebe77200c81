/** What is wrong just now, the worst first, and where is it looked into? */
import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import type { NowQuery } from "../generated/operations.ts";
import { sum } from "../parts/chart.tsx";
import { Time } from "../parts/time.tsx";
import { WrongList } from "../parts/wrong-list.tsx";
import type { Wrong } from "../parts/wrong-list.tsx";
import { wrongsOfUpstreams } from "./upstream-wrongs.tsx";

export function Wrongs({ data }: { readonly data: NowQuery }) {
  const wrongs = wrongsOf(data);
  if (wrongs.length === 0) {
    return (
      <p class="notice allow">
        <strong>Nothing is wrong.</strong> The upstreams answer, the decision service has the models that are here, and
        no effect has failed.
      </p>
    );
  }
  return <WrongList wrongs={wrongs} />;
}

function wrongsOf({ activity, decisionModels, failed }: NowQuery): readonly Wrong[] {
  const open = activity?.circuits.filter(({ state }) => state !== "CLOSED") ?? [];
  const stale = sum(
    activity?.minutes
      .slice(-5)
      .flatMap(({ counts }) => counts.filter(({ origin }) => origin === "STALE").map(({ count }) => count)) ?? [],
  );
  return [
    ...wrongsOfUpstreams(activity?.upstreams ?? []),
    ...open.map((circuit): Wrong => ({
      key: `circuit ${circuit.name}`,
      colour: "deny",
      title: circuit.name === "service" ? "The decision service is not asked" : `${circuit.name} is not asked`,
      text: textOfCircuit(circuit, activity?.processes ?? 1),
    })),
    ...(activity?.reach === "CUT_OFF" ? [CUT_OFF] : []),
    ...(failed.totalCount > 0
      ? [
          {
            key: "failed",
            colour: "deny" as const,
            title: `${failed.totalCount} ${failed.totalCount === 1 ? "effect has" : "effects have"} failed`,
            text: (
              <>
                The last: <code>{failed.nodes[0]?.kind}</code> {failed.nodes[0]?.error}{" "}
                <Link href="/effects?status=FAILED">Retry or drop</Link>
              </>
            ),
          },
        ]
      : []),
    ...decisionModels
      .filter(({ trust }) => trust.state === "DISTRUSTED")
      .map(({ key, name, version, trust }): Wrong => ({
        key: `distrusted ${key}`,
        colour: "review",
        title: `${name} is another table at the service`,
        text: (
          <>
            An answer of version {version} differed <Time value={trust.since} />: each question is asked.{" "}
            <Link href={`/models/${key}`}>Compare</Link>
          </>
        ),
      })),
    ...decisionModels
      .filter(({ version }) => version === "unknown")
      .map(({ key, name }): Wrong => ({
        key: `unknown ${key}`,
        colour: "review",
        title: `${name} has no known version`,
        text: <Link href={`/models/${key}`}>Look at the model</Link>,
      })),
    ...(stale > 0
      ? [
          {
            key: "stale",
            colour: "review" as const,
            title: `${stale} stale answers`,
            text: "were given in the last minutes, because the service is failing.",
          },
        ]
      : []),
  ];
}

type Circuit = NonNullable<NowQuery["activity"]>["circuits"][number];

function textOfCircuit({ state, processes }: Circuit, all: number): ComponentChildren {
  const where = all > 1 ? ` This is so in ${processes} of ${all} processes.` : "";
  return (
    <>
      {state === "OPEN"
        ? "Too many calls have failed: its circuit is open, and tries again by itself."
        : "Its circuit is trying one call."}
      {where} <Link href="/models">Models</Link>
    </>
  );
}

const CUT_OFF: Wrong = {
  key: "cut off",
  colour: "review",
  title: "The shared cache does not answer",
  text: "All numbers are of one process: what the others count is missing until it does.",
};
