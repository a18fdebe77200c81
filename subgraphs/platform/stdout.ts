/** What does a command do whose reader has gone, as `head` does when it has enough? It ends, without an error. */
import process from "node:process";

/** Call it before anything is printed. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}
