/**
 * `npm run operations`: what does the console ask, and which types do the answers have?
 *
 * From `gateway/console/operations/*.graphql` and the composed schema: `operations.ts`, a constant and types for each of them,
 * and `documents.json`, their texts by hash. The console sends hashes alone. Both are committed, because this takes longer
 * than a build may; `--check` says whether they are of these operations and this schema.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generate } from "@graphql-codegen/cli";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GENERATED = "gateway/console/generated/";

const files = await generate(
  {
    cwd: ROOT,
    schema: "schema/supergraph.graphql",
    documents: ["gateway/console/operations/*.graphql"],
    generates: {
      [GENERATED]: {
        preset: "client",
        presetConfig: {
          fragmentMasking: false,
          persistedDocuments: { hashAlgorithm: "sha256", mode: "replaceDocumentWithHash" },
        },
        config: {
          useTypeImports: true,
          enumsAsTypes: true,
          onlyOperationTypes: true,
          immutableTypes: true,
          avoidOptionals: { field: true },
          scalars: { DateTime: "string", CountryCode: "string", CurrencyCode: "string", JSON: "unknown" },
        },
      },
    },
    silent: true,
  },
  false,
);

const HEAD = `// Made by \`npm run operations\`.\nimport { named } from "../graph/named.ts";\n`;
const made = {
  "operations.ts": `${HEAD}${contentOf("graphql.ts")
    .replace(/^.*\n/, "")
    .replaceAll(/^(?:import type|export const \w+FragmentDoc) .*\n/gm, "")
    .replaceAll(/\{"__meta__":\{"hash":("[^"]+")\}\} as unknown as DocumentNode(<.*>);/g, "named$2($1);")}`,
  "documents.json": `${contentOf("persisted-documents.json")}\n`,
};
const stale = Object.entries(made).filter(([name, text]) => text !== current(name));
if (process.argv.includes("--check")) {
  if (stale.length > 0) {
    process.stderr.write(`${stale.map(([name]) => name).join(", ")}: not current; run npm run operations\n`);
    process.exitCode = 1;
  }
} else for (const [name, text] of stale) writeFileSync(`${ROOT}${GENERATED}${name}`, text);

/** @param {string} name */
function contentOf(name) {
  const file = files.find(({ filename }) => filename.endsWith(`/${name}`));
  if (!file) throw new Error(`no ${name} was generated`);
  return file.content;
}

/** @param {string} name */
function current(name) {
  try {
    return readFileSync(`${ROOT}${GENERATED}${name}`, "utf8");
  } catch {
    return undefined;
  }
}
