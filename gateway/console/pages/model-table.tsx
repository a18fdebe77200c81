/**
 * What does a table say, and what would it say to other facts?
 *
 * The table with its rules, and a row of facts to edit: which cells hold and which rules match is seen at once, because the
 * engine runs here. Facts of an evaluation are loaded by `?from=`; edited ones stay in the page, for they may be personal.
 */
import { useMemo } from "preact/hooks";
import type { Fact, Facts, Table } from "../../../subgraphs/pipeline/table/table.ts";
import { TextField, useFilters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { textOf } from "../parts/text.ts";
import { Time } from "../parts/time.tsx";
import { DecisionTable } from "../table/decision-table.tsx";
import { factsOf, lightOf, tableOf } from "../table/engine.ts";
import type { Model } from "../table/engine.ts";
import { FactField, suggestions } from "../table/fact-field.tsx";
import { Outcome } from "../table/outcome.tsx";
import { Trust } from "../table/trust.tsx";
import { useEvaluation } from "../table/use-evaluation.ts";

export interface TriedFacts {
  readonly facts: Facts;
  /** They come from elsewhere: the table begins at the first rule that matches. */
  readonly isLed: boolean;
}

export interface ModelTableProps {
  readonly model: Model;
  readonly tried: TriedFacts | undefined;
  readonly onTry: (tried: TriedFacts | undefined) => void;
}

export function ModelTable({ model, tried, onTry }: ModelTableProps) {
  const table = useMemo(() => tableOf(model), [model]);
  const light = useMemo(() => lightOf(table), [table]);
  const { filters, set } = useFilters();
  const from = filters["from"];
  const search = filters["search"] ?? "";
  const loaded = useLoaded(from);
  const facts = tried?.facts ?? loaded;
  const pointed = Number(filters["rule"] ?? Number.NaN);
  const lit = useMemo(() => facts && light(facts), [facts, light]);
  const shown = useMemo(() => (search === "" ? undefined : rulesWith(table, search)), [table, search]);
  const rows = lit?.matched && table.rules.filter(({ number }) => lit.matched?.has(number)).map(({ row }) => row);
  return (
    <>
      <Standing model={model} />
      <div class="filters">
        <TextField
          label="Search the rules"
          isSearch
          value={search}
          onValue={(value) => set("search", value)}
          placeholder="a country, a reason, a code"
        />
        {shown && (
          <span class="muted small">
            {shown.size} of {table.rules.length} rules
          </span>
        )}
        {facts && (
          <button
            type="button"
            onClick={() => {
              onTry(undefined);
              set("from", "");
            }}
          >
            Clear the facts
          </button>
        )}
      </div>
      {facts ? (
        <Outcome table={table} rows={rows} />
      ) : (
        <p class="outcome muted">
          Try it: fill in facts below the names of the inputs. The rules that match light up as you type; nothing is
          sent.
        </p>
      )}
      <DecisionTable
        model={model}
        table={table}
        lit={lit}
        shown={shown}
        isLed={tried ? tried.isLed : loaded !== undefined}
        pointed={Number.isNaN(pointed) ? undefined : pointed}
        factsRow={(input) => (
          <FactField
            input={input}
            value={facts?.[input.name] ?? null}
            problem={lit?.refused.get(input.name)}
            listId={`values-${input.name}`}
            onValue={(value: Fact) =>
              onTry({ facts: { ...unknownFacts(table), ...facts, [input.name]: value }, isLed: false })
            }
          />
        )}
      />
      {table.inputs.map(({ name }, column) => (
        <datalist key={name} id={`values-${name}`}>
          {suggestions(table, column).map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      ))}
      {from !== undefined && loaded && !tried && (
        <p class="small muted">
          The facts are those of <Id value={from} href={`/decisions/${from}`} />
        </p>
      )}
    </>
  );
}

function Standing({ model }: { readonly model: Model }) {
  const { trust, version, copy, hitPolicy } = model;
  const compared = trust.agreed + trust.disagreed;
  return (
    <dl class="standing">
      <div>
        <dt>at the service</dt>
        <dd>version {version}</dd>
      </div>
      <div>
        <dt>the copy here</dt>
        <dd>version {copy}</dd>
      </div>
      <div>
        <dt>
          <Trust model={model} />
        </dt>
        <dd>
          <Time value={trust.since} />
        </dd>
      </div>
      <div>
        <dt>compared</dt>
        <dd>
          {compared.toLocaleString("en")}
          {compared > 0 && (trust.disagreed === 0 ? ", all agreed" : `, ${trust.disagreed} differed`)}
        </dd>
      </div>
      <div>
        <dt>hit policy</dt>
        <dd>{hitPolicy.toLowerCase()}</dd>
      </div>
    </dl>
  );
}

/** The facts of an evaluation; undefined until they are there. */
function useLoaded(from: string | undefined): Facts | undefined {
  const { data } = useEvaluation(from);
  const given = data?.evaluation?.facts;
  return useMemo(() => (given === undefined || given === null ? undefined : factsOf(given)), [given]);
}

function unknownFacts({ inputs }: Table): Facts {
  return Object.fromEntries(inputs.map(({ name }) => [name, null]));
}

/** The numbers of the rules that have this text in a cell. */
function rulesWith({ rules }: Table, search: string): ReadonlySet<number> {
  const wanted = search.toLowerCase();
  const found = rules.filter(({ conditions, row }) =>
    [...conditions.flatMap((condition) => condition?.test.values ?? []), ...Object.values(row)].some((value) =>
      textOf(value).toLowerCase().includes(wanted),
    ),
  );
  return new Set(found.map(({ number }) => number));
}
