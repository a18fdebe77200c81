/** What does a part of the page show that has nothing to show? Each case says what would be here, and what to do. */
import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import type { GraphError } from "../graph/client.ts";
import { CallerContext, NOBODY } from "../session/caller.tsx";

/** While it loads: as high as what comes, so that nothing jumps. */
export function Skeleton({ lines = 1, height }: { readonly lines?: number; readonly height?: string }) {
  return (
    <span role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="skeleton" style={{ height: height ?? "1em", marginBottom: "10px" }} />
      ))}
    </span>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="state">
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  );
}

/** What is asked for by its id alone, and was not found: nothing has an id that cannot be one. */
export function isOfNothing(errors: readonly GraphError[]): boolean {
  return errors.every(({ code }) => code === "BAD_USER_INPUT");
}

export interface FailureProps {
  readonly errors: readonly GraphError[];
  readonly again: () => void;
  /** Default: it is not offered. */
  readonly onSignOut?: (() => void) | undefined;
}

/** Nothing could be read. */
export function Failure({ errors, again, onSignOut }: FailureProps) {
  const caller = useContext(CallerContext);
  // Until it is known who asks, more may be asked for than they may see.
  if (caller === NOBODY && errors.some(({ code }) => code === "FORBIDDEN")) return <Skeleton lines={5} />;
  return (
    <div class="state wrong" role="alert">
      <h2>This could not be read</h2>
      <ul>
        {errors.slice(0, 3).map(({ code, message, details }) => (
          <li key={`${code} ${message}`}>
            <code>{code}</code> {message}
            {details.length > 1 && (
              <ul>
                {details.slice(0, 10).map((detail) => (
                  <li key={detail}>{detail}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      <button type="button" onClick={again}>
        Try again
      </button>{" "}
      {onSignOut && (
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      )}
    </div>
  );
}

/** Some of it could not: the rest is shown. */
export function Partial({ errors }: { readonly errors: readonly GraphError[] }) {
  const distinct = new Map(errors.map((error) => [`${error.code} ${error.message}`, error]));
  if (distinct.size === 0) return null;
  return (
    <div class="notice review" role="status">
      <strong>Not complete.</strong>
      {[...distinct.values()].slice(0, 3).map(({ code, message }) => (
        <span key={message}>
          <code>{code}</code> {message}
        </span>
      ))}
    </div>
  );
}

export function Lacking({ scope, what }: { readonly scope: string; readonly what: string }) {
  return (
    <div class="state">
      <h2>Not yours to see</h2>
      <p>
        {what} takes the scope <code>{scope}</code>, which your credential does not have. Whoever issues it can add it.
      </p>
    </div>
  );
}

/** A line in the place of a part of it. The children end with the verb. */
export function LackingPart({ scope, children }: { readonly scope: string; readonly children: string }) {
  return (
    <p class="muted small">
      {children} the scope <code>{scope}</code>.
    </p>
  );
}
