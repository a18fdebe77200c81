/**
 * How does the source of the console become what browsers load?
 *
 *   node tools/console.js FOLDER
 *
 * Scripts and styles are bundled under names with their hashes, and compressed once, as far as it goes: the gateway only
 * sends files. What is added to GraphiQL is bundled apart. Beside them stand `pages.json`, the paths at which the page is served, and `documents.json`, the operations
 * that it asks, which the gateway trusts by their hashes.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";

const ROOT = join(import.meta.dirname, "../gateway/console");
const COPIED = ["pages.json", "generated/documents.json"];
/** Smaller ones would not get smaller. */
const MIN_BYTES = 256;

/** Of urql, which reads and writes the texts of operations by it: here operations have none, see graph/named.ts. */
const SYNTAX = "@0no-co/graphql.web";
const WITHOUT_TEXTS = "\0graphql-without-texts";
const NO_TEXTS = `
  export { GraphQLError, Kind } from "${SYNTAX}";
  export const parse = () => { throw new Error("an operation is asked by its hash"); };
  export const print = () => "";
`;

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("Usage: node tools/console.js FOLDER");

await bundle({ emptyOutDir: true });
// For the page of GraphiQL, and whole: it shares no file with the console.
await bundle({ emptyOutDir: false, rolldownOptions: { input: { playground: join(ROOT, "playground/main.tsx") } } });
for (const file of COPIED) writeFileSync(join(folder, file.replace(/^.*\//, "")), readFileSync(join(ROOT, file)));
for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  if (!/\.(?:js|css|svg)$/.test(file)) continue;
  const content = readFileSync(join(folder, file));
  if (content.length < MIN_BYTES) continue;
  writeFileSync(join(folder, `${file}.gz`), gzipSync(content, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(join(folder, `${file}.br`), brotliCompressSync(content, { params }));
}

async function bundle({ rolldownOptions, ...options }) {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    plugins: [
      {
        name: "browsers-only",
        enforce: "pre",
        resolveId(source, importer) {
          if (!source.startsWith("node:")) return null;
          throw new Error(`Cannot bundle the console: ${importer} imports ${source}, which browsers do not have`);
        },
      },
      {
        name: "operations-by-their-hashes",
        enforce: "pre",
        resolveId: (source, importer) => (source === SYNTAX && importer?.includes("@urql") ? WITHOUT_TEXTS : null),
        load: (id) => (id === WITHOUT_TEXTS ? NO_TEXTS : null),
      },
    ],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: folder,
      target: "es2024",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { checks: { pluginTimings: false }, ...rolldownOptions },
      ...options,
    },
  });
}
