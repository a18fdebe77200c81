/**
 * How are rows sent to a PostgreSQL server by COPY?
 *
 * The driver has the messages of the protocol but no function that sends them: what it does with a COPY is to refuse it. So
 * this is one of its queries that answers the server's request for rows with them.
 */
import { Query } from "pg";
import type { PoolClient } from "pg";

/** A part of the driver's connection that its types leave out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `into` is a table with its columns; `text` has COPY's text format. */
export function copyTo(client: PoolClient, into: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null | undefined): void => (error ? reject(error) : resolve());
    client.query(new CopyQuery(`copy ${into} from stdin`, text, done));
  });
}

class CopyQuery extends Query {
  readonly #rows: string;

  constructor(statement: string, rows: string, done: (error: Error | null | undefined) => void) {
    super(statement, done);
    this.#rows = rows;
  }

  /** The driver calls it when the server waits for the rows. */
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.#rows));
    connection.endCopyFrom();
  }
}
