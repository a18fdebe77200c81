/**
 * Which parts of the number line do the cells of a column not tell apart, and which number stands for each?
 *
 * The values in the cells cut the line into points and open intervals, as truth.ts does. Only parts with a number in them
 * count: between 18 and 19 there is no whole one.
 */

export interface NumberLine {
  readonly whole: boolean;
  /** Both included. */
  readonly from: number;
  readonly to: number;
}

export interface Part {
  /** The number in it that is nearest to another. */
  nearest(to: number): number;
}

/** In ascending order. */
export function partsOf(cuts: readonly number[], line: NumberLine): readonly Part[] {
  const { from, to } = line;
  const ends = [from, to].filter(Number.isFinite);
  const points = [...new Set([...cuts, ...ends])].filter((cut) => cut >= from && cut <= to).toSorted((a, b) => a - b);
  const parts: (Part | undefined)[] = [];
  let below = -Infinity;
  for (const point of points) {
    parts.push(interval(below, point, line), pointAt(point, line));
    below = point;
  }
  parts.push(interval(below, Infinity, line));
  return parts.filter((part) => part !== undefined);
}

function pointAt(point: number, { whole }: NumberLine): Part | undefined {
  return whole && !Number.isInteger(point) ? undefined : { nearest: () => point };
}

/** Without its ends; undefined where no number is between them. */
function interval(low: number, high: number, { whole, from, to }: NumberLine): Part | undefined {
  if (low >= to || high <= from) return undefined;
  const [lowest, highest] = [Math.floor(low) + 1, Math.ceil(high) - 1];
  if (whole) return lowest > highest ? undefined : { nearest: (number) => clamp(Math.round(number), lowest, highest) };
  const middle = low + (high - low) / 2;
  if (low !== -Infinity && high !== Infinity && (middle <= low || middle >= high)) return undefined;
  return {
    nearest(number) {
      if (number > low && number < high) return number;
      // A whole number is read more easily than one with many digits.
      if (number <= low) return lowest < high ? lowest : middle;
      return highest > low ? highest : middle;
    },
  };
}

function clamp(number: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, number));
}
