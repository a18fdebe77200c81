/** The graph that the documents speak of: it trusts what partners may send, as they show it. */
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { FAST_RETRIES } from "../support/mutations.ts";
import { PARTNERS, blocks, isForPartners, read, root, titleOf } from "./documents.ts";

export interface DocumentedGraph {
  readonly graph: TestDecibel;
  readonly database: TestDatabase;
  stop(): Promise<void>;
}

export async function startDocumentedGraph(): Promise<DocumentedGraph> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "decibel-docs-"));
  const manifest = join(folder, "documents.json");
  writeFileSync(manifest, JSON.stringify(partnerDocuments()));
  const variables = { ...FAST_RETRIES, ...database.variables, TRUSTED_DOCUMENTS: manifest };
  const graph = await startTestDecibel({ variables });
  return {
    graph,
    database,
    async stop() {
      await graph.stop();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** In Relay's format: those of the folder, and those that documents show. */
function partnerDocuments(): Readonly<Record<string, string>> {
  const files = globSync(`${PARTNERS}/*.graphql`, { cwd: root }).map((name) => [name, read(name)] as const);
  const shown = blocks.filter((block) => block.language === "graphql" && isForPartners(block));
  return Object.fromEntries([...files, ...shown.map((block) => [titleOf(block), block.text] as const)]);
}
