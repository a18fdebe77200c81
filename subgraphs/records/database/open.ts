/** Which database is opened: a PostgreSQL server where one is named, else one inside this process. */
import type { Database, DatabaseOptions } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
import { openPostgres } from "./postgres.ts";

/** Rejects with an Error that names what is wrong: the server that cannot be reached, the process that has the folder. */
export function openDatabase({ url, directory, log }: DatabaseOptions): Promise<Database> {
  return url === undefined ? openEmbedded(directory) : openPostgres(url, log);
}
