/**
 * Which file does a specifier name, and may the file that holds it import that?
 *
 * Only a relative path and the name of a package say so in the source. Everything else could hide a room.
 */
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { problemOf } from "./rooms.ts";

/** A file that is linted, and the root of the project; both absolute. */
export interface Importer {
  readonly root: string;
  readonly filename: string;
}

/** What git and oxlint ignore, in whichever folder it is. */
export const UNLINTED: ReadonlySet<string> = new Set(["dist", "node_modules", "coverage", ".data"]);

const REFUSED: readonly (readonly [specifier: RegExp, why: string])[] = [
  [/^#/, "an alias hides the file that it names; use a relative path"],
  [/^(?:[/\\]|file:|[a-z]:[/\\])/i, "an absolute path is one machine's; use a relative path"],
  [/^(?!node:)[a-z][a-z\d+.-]*:/i, "a URL is neither a file of this project nor a package"],
  [/^(?:node:)?module$/, "it loads files by other means than an import"],
  [/^(?:decibel|gateway|schema|subgraphs|test|dist)(?:\/|$)/, "this project is not a package; use a relative path"],
  [/\/(?:\.|%2e){1,2}(?:\/|$)/i, "a path into a package must not leave it"],
];

/** What is wrong with the specifier of an import; undefined where nothing is. */
export function problemOfSpecifier(importer: Importer, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return problemOfPath(importer, specifier);
  const refused = REFUSED.find(([pattern]) => pattern.test(specifier));
  return refused && `"${specifier}" must not be imported: ${refused[1]}`;
}

/** The same for a path that is relative even without a leading dot, as in `new URL(path, import.meta.url)`. */
export function problemOfPath({ root, filename }: Importer, path: string): string | undefined {
  const imported = resolvePath(filename, path);
  if (imported === undefined) return `"${path}" must not be imported: it is not the path of a file`;
  const [file, target] = [belowRoot(root, filename), belowRoot(root, imported)];
  const unlinted = target.split("/").find((folder) => UNLINTED.has(folder));
  if (unlinted !== undefined) return `"${path}" must not be imported: nothing in ${unlinted} is linted`;
  return problemOf(file, target);
}

/** As Node resolves it: percent-encoding is decoded, a query is dropped. */
function resolvePath(filename: string, path: string): string | undefined {
  try {
    return fileURLToPath(new URL(path, pathToFileURL(filename)));
  } catch {
    return undefined;
  }
}

/** What is not below the root keeps its absolute path, which is in no room. */
function belowRoot(root: string, path: string): string {
  return (path.startsWith(root + sep) ? path.slice(root.length + 1) : path).split(sep).join("/");
}
