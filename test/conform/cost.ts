/**
 * `npm run conform -- cost [documents] [seed] [share]`: does any operation call the decision service more often than the
 * gateway says that it can? Of the answers that the service did not give, that share is verified: 1 where it is left out.
 */
import { checkCalls } from "../gateway/limits/calls.ts";

const DOCUMENTS = 20_000;

/** Gives the exit code. */
export async function conformToCost([
  documents = String(DOCUMENTS),
  seed = "1",
  share = "1",
]: readonly string[]): Promise<number> {
  const given = { documents: Number(documents), seed: Number(seed), verifyShare: Number(share) };
  const tally = await checkCalls(given, (done) => process.stdout.write(`  ${done} documents\n`));
  const { violations, ratios } = tally;
  const at = (part: number): string => (ratios[Math.floor(ratios.length * part)] ?? 0).toFixed(2);
  for (const violation of violations) process.stdout.write(`NOT ${violation}\n`);
  process.stdout.write(
    [
      `${tally.documents} random documents, each with a cold cache; ${tally.deciding} can call the service, ${ratios.length} did`,
      `${tally.calls} calls, of at most ${tally.bound}; ${tally.notRun} documents were refused`,
      `calls made for each that could be: p50 ${at(0.5)}, p95 ${at(0.95)}`,
      `${violations.length} documents made more calls than computed`,
      "",
    ].join("\n"),
  );
  return violations.length === 0 && ratios.length > 0 ? 0 : 1;
}
