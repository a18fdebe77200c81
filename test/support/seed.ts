/**
 * Which seed do property tests and random tests use?
 *
 * PROPERTY_SEED, else 1 under CI, else a new random one. vitest.config.ts names this file as a setup file, so it applies to
 * every fast-check property. fast-check prints its seed when a property fails; other tests show SEEDED in their messages.
 */
import * as fc from "fast-check";

const CI_SEED = 1;
/** fast-check takes 32 bits with a sign. */
const MAX_SEED = 2 ** 31 - 1;

/** A whole number, the same within a test file. */
export const SEED = seedOf(process.env);

/** For the message of a failed test that does not use fast-check. */
export const SEEDED = `repeat with PROPERTY_SEED=${SEED}`;

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });

export function seedOf(
  { PROPERTY_SEED: given, CI: ci }: NodeJS.ProcessEnv,
  random: () => number = Math.random,
): number {
  // A seed of fast-check is often negative.
  if (given && !(/^-?\d+$/.test(given) && Math.abs(Number(given)) <= MAX_SEED)) {
    throw new RangeError(`PROPERTY_SEED must be a whole number of 32 bits, but got "${given}"`);
  }
  if (given) return Number(given);
  return ci ? CI_SEED : Math.floor(random() * MAX_SEED);
}
