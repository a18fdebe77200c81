/** Which subgraphs were asked, in which order, and how long did each take? The plan from top to bottom, with its calls in time. */
import { useState } from "preact/hooks";
import { stepsOf } from "../graph/explain.ts";
import type { Call, Explain, Step } from "../graph/explain.ts";
import { Empty } from "../parts/states.tsx";

export function Plan({ explain }: { readonly explain: Explain }) {
  const { plan, fetches, ms } = explain;
  const steps = stepsOf(explain);
  if (steps.length === 0)
    return (
      <Empty title="No subgraph was asked">The gateway answered it from what it knows about the graph itself.</Empty>
    );
  const subgraphs = new Set(fetches.map(({ subgraph }) => subgraph));
  const entities = fetches.reduce((sum, call) => sum + call.entities, 0);
  const failed = fetches.filter(({ errors }) => errors > 0).length;
  return (
    <>
      <dl class="standing">
        <Figure name="in all" value={inMs(ms)} />
        <Figure name="calls of subgraphs" value={fetches.length.toLocaleString("en")} />
        <Figure name="subgraphs" value={subgraphs.size.toLocaleString("en")} />
        {entities > 0 && <Figure name="entities looked up" value={entities.toLocaleString("en")} />}
        {failed > 0 && <Figure name="calls with errors" value={failed.toLocaleString("en")} />}
      </dl>
      {plan === null && (
        <p class="notice review small">
          The engine in JavaScript plans as it goes, and has no plan to show: these are its calls.
        </p>
      )}
      <Steps steps={steps} totalMs={ms} />
    </>
  );
}

function Steps({ steps, totalMs }: { readonly steps: readonly Step[]; readonly totalMs: number }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <div class="scroll short" role="region" aria-label="The plan" tabIndex={0}>
      <table class="plan">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Where</th>
            <th scope="col" class="number">
              Entities
            </th>
            <th scope="col" class="number">
              ms
            </th>
            <th scope="col" class="timeline">
              0 to {inMs(totalMs)}
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <Row key={step.key} step={step} totalMs={totalMs} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Row({ step, totalMs }: { readonly step: Step; readonly totalMs: number }) {
  const { depth, title, fetch, calls } = step;
  const [isOpen, setOpen] = useState(false);
  const indent = { paddingLeft: `${12 + depth * 20}px` };
  if (!fetch)
    return (
      <tr class="group">
        <th scope="row" colSpan={5} style={indent}>
          {title}
        </th>
      </tr>
    );
  const { operation, requires, subgraph, paths } = fetch;
  const entities = calls.reduce((sum, call) => sum + call.entities, 0);
  const codes = [...new Set(calls.flatMap(({ errors, code }) => (errors > 0 ? [code ?? "an error"] : [])))];
  return (
    <>
      <tr>
        <th scope="row" style={indent}>
          {operation === undefined ? (
            subgraph
          ) : (
            <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {subgraph}
            </button>
          )}
          {codes.map((code) => (
            <code key={code} class="deny badge">
              {code}
            </code>
          ))}
        </th>
        <td class="where">
          {paths.length === 0 && <span class="muted">the root</span>}
          {paths.map((path) => (
            <code key={path}>{path}</code>
          ))}
        </td>
        <td class="number">{entities > 0 && entities.toLocaleString("en")}</td>
        <td class="number">{calls.length > 0 && inNumber(Math.max(...calls.map(({ ms }) => ms)))}</td>
        <td class="timeline">
          {calls.length === 0 ? (
            <span class="muted">not asked: nothing was there to ask for</span>
          ) : (
            <Bars calls={calls} totalMs={totalMs} />
          )}
        </td>
      </tr>
      {isOpen && (
        <tr class="operation">
          <td colSpan={5}>
            {requires !== undefined && (
              <>
                <p class="muted small">sent of each entity</p>
                <pre class="code">{requires}</pre>
              </>
            )}
            <p class="muted small">asked</p>
            <pre class="code">{operation}</pre>
          </td>
        </tr>
      )}
    </>
  );
}

function Bars({ calls, totalMs }: { readonly calls: readonly Call[]; readonly totalMs: number }) {
  const label = calls.map(({ startedMs, ms }) => `from ${inMs(startedMs)} for ${inMs(ms)}`).join(", ");
  const percent = (ms: number): number => (100 * ms) / Math.max(totalMs, 0.001);
  return (
    <svg class="bars" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="track" width="100" height="10" />
      {calls.map(({ startedMs, ms, errors }, index) => (
        <rect
          key={index}
          class={errors > 0 ? "failed" : "call"}
          x={percent(startedMs)}
          width={Math.max(percent(ms), 0.6)}
          height="10"
        />
      ))}
    </svg>
  );
}

export function inNumber(ms: number): string {
  return ms.toLocaleString("en", { maximumFractionDigits: ms < 10 ? 1 : 0 });
}

export function inMs(ms: number): string {
  return `${inNumber(ms)} ms`;
}
