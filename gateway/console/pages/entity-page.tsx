/** What is around everything that is shown of one entity? That it loads, failed, or does not exist; its id, and its ledger. */
import { Fragment } from "preact";
import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import { DecisionsDocument, EffectChangedDocument } from "../generated/operations.ts";
import { SOON_MS, useEvery } from "../graph/use-every.ts";
import { useLive } from "../graph/use-live.ts";
import type { Asked } from "../graph/use-query.ts";
import { useQuery } from "../graph/use-query.ts";
import { Id } from "../parts/id.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Skeleton, isOfNothing } from "../parts/states.tsx";
import { Time } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { Person, useMay } from "../session/caller.tsx";

export interface EntityPageProps<Data> {
  readonly id: string;
  readonly title: string | undefined;
  /** The list that it is in. */
  readonly crumb: readonly [title: string, path: string];
  readonly asked: Asked<Data>;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** What is shown of it; undefined where it does not exist. */
  readonly children: ComponentChildren | undefined;
}

export function EntityPage<Data>({ id, title, crumb, asked, lead, actions, children }: EntityPageProps<Data>) {
  const [list, path] = crumb;
  const { errors, isLoading, again } = asked;
  const mayFollow = useMay("audit:read");
  useEvery(SOON_MS, again);
  return (
    <Page title={title ?? list} crumb={<Link href={path}>{list}</Link>} lead={lead} actions={children && actions}>
      {isLoading && <Skeleton lines={4} height="120px" />}
      {!isLoading && !children && !isOfNothing(errors) && <Failure errors={errors} again={again} />}
      {!isLoading && !children && isOfNothing(errors) && (
        <Empty title="It does not exist">
          There is nothing with the id <Id value={id} />, or it is not yours to see. <Link href={path}>{list}</Link>
        </Empty>
      )}
      {children}
      {children && <Ledger id={id} />}
      {children && mayFollow && <Followed id={id} again={again} />}
    </Page>
  );
}

/** What an upstream was told of it has become true, or not. */
function Followed({ id, again }: Pick<Asked<unknown>, "again"> & { readonly id: string }) {
  useLive(EffectChangedDocument, {}, ({ effectChanged }) => effectChanged.subject === id && again());
  return null;
}

const SHOWN = 8;

function Ledger({ id }: { readonly id: string }) {
  const may = useMay("audit:read");
  const { data, isLoading } = useQuery(DecisionsDocument, { first: SHOWN, subject: id }, { isAsked: may });
  if (!may) return null;
  const evaluations = data?.evaluations;
  return (
    <section class="panel" aria-label="History">
      <div class="panel-head">
        <h2>In the ledger</h2>
        {evaluations && evaluations.totalCount > SHOWN && (
          <Link href={`/decisions?subject=${id}`}>All {evaluations.totalCount.toLocaleString("en")}</Link>
        )}
      </div>
      {isLoading && <Skeleton lines={3} />}
      {evaluations?.nodes.length === 0 && (
        <p class="muted">
          Nothing yet: answers for equivalent facts, and those from the cache, are the evaluations of others.
        </p>
      )}
      <ul class="reason-list">
        {evaluations?.nodes.map(({ id: evaluation, verdict, decidedAt, model, requestedBy }) => (
          <li key={evaluation}>
            <Verdict value={verdict} /> <Link href={`/decisions/${evaluation}`}>{model.key}</Link>{" "}
            <span class="muted small">
              <Time value={decidedAt} />, by <Person id={requestedBy} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export type Facts = readonly (readonly [name: string, value: ComponentChildren])[];

/** Names and values; those without a value are left out. */
export function FactList({ facts }: { readonly facts: Facts }) {
  return (
    <dl class="facts">
      {facts
        .filter(
          ([, value]) =>
            value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
        )
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
