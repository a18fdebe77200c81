/**
 * More seeds than the tests have: `node test/gateway/engine/generated/main.ts rust|javascript FIRST FEDERATIONS OPERATIONS`.
 *
 * `node test/gateway/engine/generated/main.ts rust|javascript SEED own OPERATIONS` checks Decibel's own federation.
 */
import process, { argv, stdout } from "node:process";
import { check, checkOwn } from "./check.ts";
import { checkAll } from "./loop.ts";
import type { Tally } from "./check.ts";
import type { Line, Summary } from "./loop.ts";

const engine = argv[2] === "javascript" ? "javascript" : "rust";
const [first = 0, federations = 100, operations = 100] = argv.slice(3, 6).map(Number);
if (argv[4] === "own") {
  show(await checkOwn(engine, first, operations));
} else if (argv[6] === "here") {
  for (let seed = first; seed < first + federations; seed += 1) {
    const { differences, counts } = await check(engine, seed, operations);
    const line: Line = { seed, differences, counts: [...counts] };
    stdout.write(`${JSON.stringify(line)}\n`);
  }
} else {
  const summary = await checkAll({ engine, first, federations, operations });
  for (const [seed, reason] of summary.ended) stdout.write(`federation ${seed} ended the process: ${reason}\n`);
  show(summary);
}

function show({ differences, counts }: Pick<Tally, "differences" | "counts"> | Summary): void {
  for (const difference of differences) stdout.write(`${difference}\n\n`);
  for (const [what, many] of counts) stdout.write(`${many} ${what}\n`);
  if (differences.length > 0) process.exitCode = 1;
}
