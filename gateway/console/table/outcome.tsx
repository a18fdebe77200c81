/** What comes out of the rules that match? The severest verdict, the reasons, and what the winning rules give. */
import type { Row, Table } from "../../../subgraphs/pipeline/table/table.ts";
import { Reasons } from "../parts/reasons.tsx";
import type { Reason } from "../parts/reasons.tsx";
import { textOf } from "../parts/text.ts";
import { Verdict } from "../parts/verdict.tsx";
import { severest, verdictOf } from "./engine.ts";

const CONVENTION = new Set(["verdict", "reason_code", "reason"]);

export function Outcome({ table, rows }: { readonly table: Table; readonly rows: readonly Row[] | undefined }) {
  if (!rows) {
    return (
      <div class="outcome" role="status">
        <Verdict value={null} isLarge />
        <span class="muted">A fact is not of its input's type.</span>
      </div>
    );
  }
  const verdict = severest(rows);
  const winning = rows.filter((row) => row["verdict"] === verdict);
  const own = table.outputs.filter(({ name }) => !CONVENTION.has(name));
  const given = own.flatMap(({ name, label }) => {
    const values = new Set(winning.map((row) => textOf(row[name])).filter((text) => text !== ""));
    return values.size === 0 ? [] : [{ label, text: [...values].join(", ") }];
  });
  return (
    <div class="outcome" role="status">
      <Verdict value={verdict} isLarge />
      <Reasons verdict={verdict} reasons={rows.map(reasonOf)} isInline />
      <span class="more">
        {given.map(({ label, text }) => (
          <span key={label}>
            {" "}
            {label}: <strong>{text}</strong>
          </span>
        ))}
      </span>
    </div>
  );
}

function reasonOf({ reason_code: code, reason, verdict }: Row): Reason {
  return { code: textOf(code), message: textOf(reason), verdict: verdictOf(verdict) };
}
