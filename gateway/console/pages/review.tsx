/**
 * May this go ahead? One review: the request, the facts, the table with the rules that matched, what others decided in like
 * cases, and two answers with a note. Where somebody else was faster, that is said, with what they decided, and a note that was
 * begun stays to be copied.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import {
  ExplainEvaluationDocument,
  ResolveReviewDocument,
  ReviewDocument,
  ReviewResolvedDocument,
  ReviewsDocument,
} from "../generated/operations.ts";
import type { ReviewQuery, ReviewsQuery, Verdict as VerdictValue } from "../generated/operations.ts";
import { ask } from "../graph/client.ts";
import { useChange } from "../graph/use-change.ts";
import { useLive } from "../graph/use-live.ts";
import { useQuery } from "../graph/use-query.ts";
import { Explained } from "../parts/explanation.tsx";
import { isTyping } from "../parts/keys.tsx";
import { Page } from "../parts/page.tsx";
import { Planned } from "../parts/planned.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { Empty, Failure, Partial, Skeleton, isOfNothing } from "../parts/states.tsx";
import { Time } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { Person, useMay, useMayAsk } from "../session/caller.tsx";
import { Evaluated } from "../table/evaluated.tsx";
import { useEvaluation } from "../table/use-evaluation.ts";
import { requested } from "./requested.ts";
import { Request } from "./request.tsx";

type Review = NonNullable<ReviewQuery["review"]>;

export function ReviewPage({ id }: { readonly id: string }) {
  const { data, errors, isLoading, again } = useQuery(ReviewDocument, { id, withRequest: useMayAsk("graph:read") });
  const review = data?.review ?? undefined;
  const [note, setNote] = useState("");
  useLive(ReviewResolvedDocument, { queue: null }, ({ reviewResolved }) => reviewResolved.id === id && again());
  return (
    <Page
      title={review ? `Review for ${review.queue}` : "Review"}
      crumb={<Link href="/reviews">Reviews</Link>}
      lead={
        review && (
          <>
            {review.status === "OPEN" ? "Waits since" : "Opened"} <Time value={review.openedAt} />.
          </>
        )
      }
    >
      <Partial errors={review ? errors : []} />
      {isLoading && <Skeleton lines={8} height="34px" />}
      {!isLoading && !review && !isOfNothing(errors) && <Failure errors={errors} again={again} />}
      {!isLoading && !review && isOfNothing(errors) && (
        <Empty title="There is no such review">
          It does not exist. <Link href="/reviews">All that wait</Link>
        </Empty>
      )}
      {review && (
        <>
          <div class="columns">
            <Request id={review.subject} />
            {review.status === "OPEN" ? (
              <Answer review={review} note={note} setNote={setNote} />
            ) : (
              <Answered review={review} begun={note.trim()} />
            )}
          </div>
          <Evaluation id={review.evaluation.id}>
            <div class="columns">
              <Alike review={review} />
              <section class="panel" aria-label="Explanation">
                <h2>The rules</h2>
                <Explained
                  document={ExplainEvaluationDocument}
                  variables={{ id: review.evaluation.id }}
                  of={(data) => data.evaluation}
                />
              </section>
            </div>
          </Evaluation>
        </>
      )}
    </Page>
  );
}

/** Why it is for a person comes first; the table is for who wants to know exactly. */
function Evaluation({ id, children }: { readonly id: string; readonly children: ComponentChildren }) {
  const { data, isLoading } = useEvaluation(id);
  if (data?.evaluation) return <Evaluated evaluation={data.evaluation}>{children}</Evaluated>;
  return (
    <>
      {isLoading && <Skeleton height="62px" />}
      {children}
    </>
  );
}

const VERDICTS = [
  ["ALLOW", "a", "Allow"],
  ["DENY", "d", "Deny"],
] as const satisfies readonly (readonly [VerdictValue, string, string])[];

interface AnswerProps {
  readonly review: Review;
  readonly note: string;
  readonly setNote: (note: string) => void;
}

function Answer({ review, note, setNote }: AnswerProps) {
  const may = useMay("reviews:write");
  const [verdict, setVerdict] = useState<VerdictValue>();
  const noteField = useRef<HTMLTextAreaElement>(null);
  const { run, check, isRunning, isChecking, errors, planned, forget } = useChange(ResolveReviewDocument);
  const next = besides(review, useQuery(ReviewsDocument, oldestIn(review)).data);
  const [, navigate] = useLocation();
  const choose = (chosen: VerdictValue): void => {
    setVerdict(chosen);
    noteField.current?.focus();
  };
  useVerdictKeys(choose);
  const send = async (): Promise<void> => {
    if (verdict === undefined || note.trim() === "") return;
    const answer = await run({ reviewId: review.id, verdict, note: note.trim() });
    if (answer?.errors.length !== 0) return;
    // The one that was next may have been answered since.
    const { data } = await ask(ReviewsDocument, oldestIn(review));
    const following = besides(review, data) ?? "";
    // Who has gone elsewhere meanwhile stays there.
    if (location.pathname === `/reviews/${review.id}`) navigate(`/reviews/${following}`);
  };
  if (!may) {
    return (
      <section class="panel" aria-label="Answer">
        <h2>Answer</h2>
        <p class="muted">
          Answering takes the scope <code>reviews:write</code>.
        </p>
      </section>
    );
  }
  return (
    <form
      class="panel answer"
      aria-label="Answer"
      onInput={() => (planned || isChecking) && forget()}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2>Answer</h2>
      <div class="choices" role="radiogroup" aria-label="Verdict">
        {VERDICTS.map(([value, key, title]) => (
          <label key={value} class={`choice ${verdict === value ? value.toLowerCase() : ""}`}>
            <input type="radio" name="verdict" checked={verdict === value} onChange={() => setVerdict(value)} />
            {title} <kbd>{key}</kbd>
          </label>
        ))}
      </div>
      <div class="field">
        <label for="note">Why? It is kept with the review.</label>
        <textarea
          id="note"
          ref={noteField}
          rows={3}
          maxLength={2000}
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
          onKeyDown={(event) => {
            // Of a writing system in which Enter chooses a character, it is not the end.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
      </div>
      <Planned planned={planned} />
      <Refusal errors={errors} />
      <p class="dialog-foot">
        <span class="muted small">
          <kbd>Enter</kbd> sends{next === undefined ? "" : ", and opens the next one"}
        </span>
        <button
          type="button"
          disabled={isRunning || isChecking || verdict === undefined || note.trim() === ""}
          onClick={() => verdict && void check({ reviewId: review.id, verdict, note: note.trim() })}
        >
          {isChecking ? "Checking…" : "Check first"}
        </button>
        <button type="submit" class="primary" disabled={isRunning || verdict === undefined || note.trim() === ""}>
          {isRunning ? "Sending…" : verdict === undefined ? "Send" : verdict === "ALLOW" ? "Allow it" : "Deny it"}
        </button>
      </p>
    </form>
  );
}

function useVerdictKeys(choose: (verdict: VerdictValue) => void): void {
  const latest = useRef(choose);
  latest.current = choose;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const [chosen] = VERDICTS.find(([, key]) => key === event.key) ?? [];
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || chosen === undefined) return;
      event.preventDefault();
      latest.current(chosen);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

const oldestIn = ({ queue }: Review) => ({ first: 2, queue, withRequest: false });

/** The review that has waited longest in the same queue besides this one. */
function besides({ id }: Review, data: ReviewsQuery | undefined): string | undefined {
  return data?.reviewQueue.nodes.find((other) => other.id !== id)?.id;
}

interface AnsweredProps {
  readonly review: Review;
  /** The note that was being written here; empty where none was. */
  readonly begun: string;
}

function Answered({ review: { verdict, note, reviewer, resolvedAt }, begun }: AnsweredProps) {
  return (
    <section class="panel" aria-label="Answer" role="status">
      <div class="panel-head">
        <h2>It was answered</h2>
        <Verdict value={verdict} />
      </div>
      <p>{note}</p>
      <p class="muted small">
        by <Person id={reviewer} />, {resolvedAt !== null && <Time value={resolvedAt} />}
      </p>
      {begun !== "" && begun !== note && (
        <div class="field">
          <label for="begun">Somebody was faster. Your note was not sent; it is here to be copied.</label>
          <textarea
            id="begun"
            rows={3}
            readOnly
            value={begun}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </div>
      )}
    </section>
  );
}

function Alike({ review: { alike } }: { readonly review: Review }) {
  return (
    <section class="panel" aria-label="Like cases">
      <h2>Like cases</h2>
      {alike.length === 0 ? (
        <p class="muted">Nobody has answered one yet in which the same rules matched.</p>
      ) : (
        <ul class="reason-list">
          {alike.map(({ id, verdict, note, reviewer, resolvedAt, ...subject }) => (
            <li key={id}>
              <Verdict value={verdict} /> <Link href={`/reviews/${id}`}>{requested(subject)}</Link> {note}{" "}
              <span class="muted small">
                <Person id={reviewer} />, {resolvedAt !== null && <Time value={resolvedAt} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
