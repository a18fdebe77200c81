/** What is asked? A text with variables, which begins as a query that is worth running. */
import { useState } from "preact/hooks";
import type { FirstQuery } from "../graph/first-queries.ts";
import { readVariables } from "../graph/run.ts";
import { SelectField } from "../parts/filters.tsx";

export interface QueryFormProps {
  /** What it begins with. */
  readonly first: FirstQuery;
  /** With what else it may begin. */
  readonly queries: readonly FirstQuery[];
  readonly onFirst: (key: string) => void;
  readonly isRunning: boolean;
  readonly onRun: (query: string, variables: object) => void;
}

export function QueryForm({ first, queries, onFirst, isRunning, onRun }: QueryFormProps) {
  const [query, setQuery] = useState(first.query);
  const [variables, setVariables] = useState(JSON.stringify(first.variables, undefined, 2));
  const [problem, setProblem] = useState<string>();
  const send = (): void => {
    const read = readVariables(variables);
    setProblem("problem" in read ? read.problem : undefined);
    if ("variables" in read && !isRunning) onRun(query, read.variables);
  };
  return (
    <form
      class="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        send();
      }}
    >
      <SelectField
        label="Begin with"
        value={first.key}
        onValue={onFirst}
        choices={queries.map(({ key }) => key)}
        textOf={(choice) => queries.find(({ key }) => key === choice)?.title ?? choice}
      />
      <div class="query-parts">
        <div class="field">
          <label for="query">Query</label>
          <textarea
            id="query"
            class="code query"
            rows={16}
            spellcheck={false}
            value={query}
            onInput={({ currentTarget }) => setQuery(currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for="variables">Variables, as JSON</label>
          <textarea
            id="variables"
            class="code query"
            rows={problem === undefined ? 16 : 13}
            spellcheck={false}
            value={variables}
            aria-invalid={problem !== undefined}
            aria-describedby={problem === undefined ? undefined : "variables-problem"}
            onInput={({ currentTarget }) => {
              setVariables(currentTarget.value);
              setProblem(undefined);
            }}
          />
          {problem !== undefined && (
            <p class="notice deny small" id="variables-problem" role="alert">
              {problem}
            </p>
          )}
        </div>
      </div>
      <p class="dialog-foot query-foot">
        <span class="muted small">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </span>
        <button type="submit" class="primary" disabled={isRunning}>
          {isRunning ? "Running…" : "Run"}
        </button>
      </p>
    </form>
  );
}
