/**
 * Which room may import from which?
 *
 * A room imports from floors below its own and never from a sibling; types count. Rooms are folders; a `*` stands for
 * any one name, so that a new subgraph or upstream is a room the moment its folder is there. A file outside of every room
 * and a room know nothing of each other: through such a file, any room could reach any other.
 */

interface Room {
  readonly folder: string;
  /** Folders of rooms below; `anything` for programs and tests. */
  readonly imports: readonly string[] | "anything";
}

const PLATFORM = ["schema", "subgraphs/platform"];
/** The engine of decision tables. */
const TABLE = "subgraphs/pipeline/table";
const PIPELINE = [...PLATFORM, TABLE, "subgraphs/pipeline"];
const SOURCES = "subgraphs/sources/*";
const SANDBOX = ["subgraphs/platform", TABLE, "subgraphs/pipeline", SOURCES, "subgraphs/records"];

/** The first that fits a file is its room. */
export const ROOMS: readonly Room[] = [
  { folder: "schema", imports: [] },
  { folder: "subgraphs/platform", imports: ["schema"] },
  { folder: TABLE, imports: PLATFORM },
  { folder: "subgraphs/pipeline", imports: [...PLATFORM, TABLE] },
  { folder: SOURCES, imports: PLATFORM },
  { folder: "subgraphs/records", imports: PIPELINE },
  { folder: "subgraphs/server", imports: [...PIPELINE, SOURCES, "subgraphs/records"] },
  { folder: "subgraphs/sandbox/world", imports: SANDBOX },
  { folder: "subgraphs/sandbox/*", imports: [...SANDBOX, "subgraphs/sandbox", "subgraphs/sandbox/world"] },
  // What all sandboxes share.
  { folder: "subgraphs/sandbox", imports: [...SANDBOX, "subgraphs/sandbox/world"] },
  // A subgraph.
  { folder: "subgraphs/*", imports: [...PIPELINE, SOURCES, "subgraphs/records", "subgraphs/server"] },
  // The registry and the programs.
  { folder: "subgraphs", imports: "anything" },
  // Runs in browsers: it has the graph by its endpoint, and the engine of tables to try facts with.
  { folder: "gateway/console", imports: ["schema", TABLE] },
  { folder: "gateway", imports: PLATFORM },
  { folder: "test", imports: "anything" },
];

/** Its folders are rooms, but a file in it is in none: `subgraphs/*` would take it for a subgraph. */
const ONLY_FOLDERS = "subgraphs/sources";

/** What is wrong with one file's import of another, both as paths below the root; undefined where nothing is. */
export function problemOf(file: string, imported: string): string | undefined {
  const [from, to] = [roomOf(file), roomOf(imported)];
  if (!from) return to && `${file} must not import from ${to.path}: it is outside of every room itself`;
  if (!to) return `${from.path} must not import ${imported}: it is outside of every room`;
  if (from.path === to.path || from.room.imports === "anything") return undefined;
  if (from.room.imports.includes(to.room.folder)) return undefined;
  const below = from.room.imports.length === 0 ? "nothing" : from.room.imports.join(", ");
  return `${from.path} must not import from ${to.path}: it may import from ${below}`;
}

interface Found {
  readonly room: Room;
  /** The folder itself: `subgraphs/sources/crm`. */
  readonly path: string;
}

function roomOf(file: string): Found | undefined {
  const folders = file.split("/").slice(0, -1);
  if (folders.join("/") === ONLY_FOLDERS) return undefined;
  for (const room of ROOMS) {
    const parts = room.folder.split("/");
    const fits = parts.every((part, index) => index < folders.length && (part === "*" || part === folders[index]));
    if (fits) return { room, path: folders.slice(0, parts.length).join("/") };
  }
  return undefined;
}
