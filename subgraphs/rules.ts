/** `npm run rules`: what is wrong with a table, and what does a change of one change? See pipeline/rules/command.ts. */
import { rulesCommand } from "./pipeline/rules/command.ts";
import { HandOverError } from "./pipeline/rules/deploy.ts";
import { subgraphs } from "./registry.ts";
import { endWithReader } from "./platform/stdout.ts";

endWithReader();
try {
  const decisions = subgraphs.flatMap((row) => row.decisions);
  const { text, failed } = await rulesCommand(process.argv.slice(2), { decisions });
  process.stdout.write(`${text}\n`);
  if (failed) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof HandOverError ? 2 : 1;
}
