/**
 * What would have to change for another verdict, and which facts is it for?
 *
 * Both are proven by the table that decides here, and asked for when somebody wants to know. Where another table decided, that is
 * said: a guess would be worse than nothing.
 */
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { Fragment } from "preact";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ExplainedFragment } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { useMay } from "../session/caller.tsx";
import { LackingPart, Skeleton } from "./states.tsx";
import { textOf } from "./text.ts";

export type Explanation = Pick<ExplainedFragment, "verdict" | "wouldAllow" | "sufficient">;

/** Where the explanation of a decision is asked for. */
export interface Explains<Data, Variables extends AnyVariables> {
  readonly document: TypedDocumentNode<Data, Variables>;
  readonly variables: Variables;
  readonly of: (data: Data) => Explanation | null | undefined;
}

/** Where it is allowed, nothing has to change. */
export function Explained<Data, Variables extends AnyVariables>(
  props: Explains<Data, Variables> & { readonly isAllowed?: boolean },
) {
  const { isAllowed = false, ...explains } = props;
  return (
    <div class="explained">
      {!isAllowed && (
        <Asked title="What would have to change" {...explains}>
          {(explanation) => <WouldAllow explanation={explanation} />}
        </Asked>
      )}
      <Asked title="Why exactly" {...explains}>
        {(explanation) => <Sufficient explanation={explanation} />}
      </Asked>
    </div>
  );
}

interface AskedProps<Data, Variables extends AnyVariables> extends Explains<Data, Variables> {
  readonly title: string;
  readonly children: (explanation: Explanation) => ComponentChildren;
}

/** Nothing is asked before it is opened. */
function Asked<Data, Variables extends AnyVariables>(props: AskedProps<Data, Variables>) {
  const { title, document, variables, of, children } = props;
  const [isOpen, open] = useState(false);
  const { data, errors, isLoading } = useQuery(document, variables, { isAsked: isOpen });
  const explanation = data && of(data);
  return (
    <details onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && isLoading && <Skeleton lines={2} />}
      {explanation && children(explanation)}
      {isOpen && !isLoading && !explanation && (
        <p class="muted">
          It could not be read: <code>{errors[0]?.code ?? "NOT_DECIDED"}</code>{" "}
          {errors[0]?.message ?? "nothing is decided"}
        </p>
      )}
    </details>
  );
}

const UNKNOWN = "It is not known: another table decided than the one here, or that is too large.";

export function WouldAllow({ explanation: { verdict, wouldAllow } }: { readonly explanation: Explanation }) {
  const seesValues = useMay("listeners:read");
  if (!wouldAllow) return <p class="muted">{UNKNOWN}</p>;
  const { possible, changes } = wouldAllow;
  if (verdict === "ALLOW") return <p>Nothing: it is allowed.</p>;
  if (!possible) return <p>No change would do: nothing that somebody can change leads to ALLOW.</p>;
  return (
    <>
      <p class="muted">{changes.length === 1 ? "One change would do:" : `These ${changes.length} changes together:`}</p>
      <dl class="facts">
        {changes.map(({ input, from, to }) => (
          <Fragment key={input}>
            <dt>{wordsOf(input)}</dt>
            <dd>{seesValues ? <Changed from={from} to={to} /> : "another value"}</dd>
          </Fragment>
        ))}
      </dl>
      {!seesValues && <Personal />}
    </>
  );
}

export function Sufficient({ explanation: { sufficient } }: { readonly explanation: Explanation }) {
  const seesValues = useMay("listeners:read");
  if (!sufficient) return <p class="muted">{UNKNOWN}</p>;
  if (sufficient.length === 0) return <p>No fact matters: the verdict is the same for all.</p>;
  return (
    <>
      <p class="muted">
        {sufficient.length === 1 ? "This fact fixes" : "These facts fix"} the verdict, whatever the others are:
      </p>
      <dl class="facts">
        {sufficient.map(({ input, value }) => (
          <Fragment key={input}>
            <dt>{wordsOf(input)}</dt>
            <dd>{seesValues ? <strong>{valueOf(value)}</strong> : "its value"}</dd>
          </Fragment>
        ))}
      </dl>
      {!seesValues && <Personal />}
    </>
  );
}

/** Of a collection the items that come and go. */
function Changed({ from, to }: { readonly from: unknown; readonly to: unknown }) {
  if (Array.isArray(from) && Array.isArray(to)) {
    const [before, after] = [from.map(String), to.map(String)];
    return (
      <span class="items">
        {before
          .filter((item) => !after.includes(item))
          .map((item) => (
            <span key={item}>
              without <mark class="removed">{item}</mark>
            </span>
          ))}
        {after
          .filter((item) => !before.includes(item))
          .map((item) => (
            <span key={item}>
              with <mark class="added">{item}</mark>
            </span>
          ))}
      </span>
    );
  }
  return (
    <>
      <s class="muted">{valueOf(from)}</s> <span aria-hidden="true">→</span>
      <span class="unseen">becomes</span> <strong>{valueOf(to)}</strong>
    </>
  );
}

function Personal() {
  return <LackingPart scope="listeners:read">Their values may be personal: they take</LackingPart>;
}

function valueOf(value: unknown): string {
  if (value === null || value === undefined) return "not known";
  return textOf(value) || "none";
}

/** `days_left` as `days left`. */
export function wordsOf(input: string): string {
  return input.replaceAll("_", " ");
}
