/** `npm run rules -- propose FILE --note TEXT`: who may approve this table? A second person, once it is proposed. */
import { z } from "zod";
import { tableFile } from "./table-file.ts";
import { openGraph } from "./graph.ts";
import type { GraphAccess } from "./graph.ts";

const Proposed = z.object({
  proposeTable: z.object({ candidate: z.object({ id: z.string(), state: z.string() }) }),
});

export interface ProposedTable {
  readonly candidate: string;
  readonly model: string;
  readonly state: string;
}

/** Rejects with an Error for the operator. */
export async function proposeFile(
  { file, note }: { readonly file: string; readonly note: string },
  access: GraphAccess,
): Promise<ProposedTable> {
  const { key: model, text: table } = await tableFile(file);
  const ask = await openGraph(access);
  const { proposeTable } = await ask(PROPOSE, { input: { model, table, note } }, Proposed);
  const { id: candidate, state } = proposeTable.candidate;
  return { candidate, model, state };
}

const PROPOSE = `mutation Propose($input: ProposeTableInput!) {
  proposeTable(input: $input) { candidate { id state } }
}`;
