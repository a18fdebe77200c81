/**
 * Which files does the console consist of, as browsers get them?
 *
 * Those that the build has made, read once: the page, and scripts and styles under names with their hashes, each compressed
 * already. Nothing is read from the disk for a request. Where nothing was built (tests of other things), there is no console.
 */
import { hash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

export interface ConsoleFiles {
  /** The paths at which the page is served, and all below them: `/decisions`. */
  readonly pages: readonly string[];
  /** HTML, as it was built. */
  readonly page: string;
  /** By path: `/assets/index-abc.js`. */
  readonly assets: ReadonlyMap<string, Content>;
  /** The path of the script that is added to GraphiQL. */
  readonly playground: string | undefined;
  /** What it asks, by the SHA-256 of the texts. */
  readonly documents: Readonly<Record<string, string>>;
}

export interface Content {
  readonly type: string;
  readonly etag: string;
  readonly encoded: Readonly<Record<ContentEncoding, Buffer>>;
}

/** The best first. */
export const ENCODINGS = ["br", "gzip", "identity"] as const;
export type ContentEncoding = (typeof ENCODINGS)[number];

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};
const HTML = "text/html; charset=utf-8";
const Pages = z.array(z.string().startsWith("/"));
const Documents = z.record(z.string(), z.string());

/** undefined where it was not built. */
export function readConsole(folder: string | undefined = builtConsole()): ConsoleFiles | undefined {
  if (folder === undefined) return undefined;
  const names = readdirSync(join(folder, "assets"));
  const assets = names.flatMap((name) => {
    const type = TYPES[name.replace(/^.*\./, "")];
    return type === undefined ? [] : [[`/assets/${name}`, contentOf(join(folder, "assets", name), type)] as const];
  });
  const documents = Documents.parse(JSON.parse(readFileSync(join(folder, "documents.json"), "utf8")));
  const paths = assets.map(([path]) => path);
  return {
    playground: paths.find((path) => /^\/assets\/playground-.*\.js$/.test(path)),
    pages: Pages.parse(JSON.parse(readFileSync(join(folder, "pages.json"), "utf8"))),
    page: readFileSync(join(folder, "index.html"), "utf8"),
    assets: new Map(assets),
    documents: Object.fromEntries(Object.entries(documents).map(([id, text]) => [id.replace(/^sha256:/, ""), text])),
  };
}

/** A page that is made at start. */
export function htmlOf(text: string): Content {
  const identity = Buffer.from(text);
  return {
    type: HTML,
    etag: etagOf(identity),
    encoded: { identity, gzip: gzipSync(identity), br: brotliCompressSync(identity) },
  };
}

/** Beside the compiled gateway; or, where its source runs, in what was built last. */
function builtConsole(): string | undefined {
  const folders = [join(import.meta.dirname, "../console"), join(projectRoot(), "dist/gateway/console")];
  return folders.find((folder) => existsSync(join(folder, "assets")));
}

function contentOf(path: string, type: string): Content {
  const identity = readFileSync(path);
  const encodedAs = (suffix: string): Buffer =>
    existsSync(`${path}.${suffix}`) ? readFileSync(`${path}.${suffix}`) : identity;
  return { type, etag: etagOf(identity), encoded: { identity, gzip: encodedAs("gz"), br: encodedAs("br") } };
}

function etagOf(bytes: Buffer): string {
  return `"${hash("sha256", bytes, "base64url").slice(0, 22)}"`;
}
