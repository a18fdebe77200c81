/**
 * What does a trace show of the database?
 *
 * A span for each statement, by OpenTelemetry's conventions: what it does, to which table, and how many rows that gave. Never its
 * text or its values. Where nothing is traced it costs a look-up.
 */
import { spanHere, spanning } from "../../platform/tracing/span.ts";

interface Statement {
  readonly text: string;
}
/** Of what was inserted, updated or read; undefined where the driver does not say. */
interface Answered {
  readonly rowCount?: number | null;
}

export function traced<Result extends Answered>(
  statement: string | Statement,
  work: () => Promise<Result>,
): Promise<Result> {
  const here = spanHere();
  if (!here) return work();
  const { operation, collection } = summaryOf(typeof statement === "string" ? statement : statement.text);
  const summary = collection === undefined ? operation : `${operation} ${collection}`;
  const span = here.begin(
    summary,
    {
      "db.system.name": "postgresql",
      "db.operation.name": operation,
      "db.collection.name": collection,
      "db.query.summary": summary,
    },
    "client",
  );
  return spanning(span, async () => {
    const result = await work();
    span.set({ "db.response.returned_rows": result.rowCount ?? undefined });
    return result;
  });
}

/** Of a statement of ours: `select … from "campaigns"."cases"`. The first table that is named with its schema. */
function summaryOf(text: string): { readonly operation: string; readonly collection: string | undefined } {
  const [, first = "", second] = /^\s*(\w+)(?:[^]*?\b(select|insert|update|delete)\b)?/i.exec(text) ?? [];
  // What a `with` leads to.
  const operation = (first.toLowerCase() === "with" ? (second ?? first) : first).toUpperCase();
  const [, schema, table] = /\b(?:from|into|update)\s+"?([a-z_]+)"?\."?([a-z_]+)"?/i.exec(text) ?? [];
  return { operation, collection: schema === undefined ? undefined : `${schema}.${table}` };
}
