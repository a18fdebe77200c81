/** Which database is opened? The PostgreSQL server of the URL, else one embedded in this process. */
import type { Database, DatabaseOptions } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
import { openPostgres } from "./postgres.ts";

/** Rejects with an Error that names the cause: the server that cannot be reached, the process that uses the folder. */
export async function openDatabase({ url, directory, log }: DatabaseOptions): Promise<Database> {
  return url === undefined ? openEmbedded(directory) : openPostgres(url, log);
}
