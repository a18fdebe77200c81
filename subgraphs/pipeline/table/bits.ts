/** Many bits in few words. An index beyond the end reads as 0: what checked indexing makes of typed arrays. */

export function wordsFor(bits: number): number {
  return Math.ceil(bits / 32);
}

export function wordAt(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

export function setBit(words: Uint32Array, bit: number): void {
  words[bit >>> 5] = wordAt(words, bit >>> 5) | (1 << (bit & 31));
}

/** A loop, because `fill` costs more than it clears where the words are one or two. */
export function clear(words: Uint32Array): void {
  for (let word = 0; word < words.length; word++) words[word] = 0;
}

/** Equally long runs of bits, ready to be OR-ed into words that they share with others; a run begins at the word `start`. */
export interface Runs {
  readonly start: number;
  readonly width: number;
  readonly words: Uint32Array;
}

/** Runs that hold `bits` bits from the bit `first` on, all clear. */
export function clearRuns(count: number, first: number, bits: number): Runs {
  const start = first >>> 5;
  const width = wordsFor(first + bits) - start;
  return { start, width, words: new Uint32Array(count * width) };
}

export function setBitOf({ start, width, words }: Runs, run: number, bit: number): void {
  setBit(words, 32 * (run * width - start) + bit);
}

export function orRun({ start, width, words }: Runs, run: number, into: Uint32Array): void {
  for (let word = 0; word < width; word++) {
    into[start + word] = wordAt(into, start + word) | wordAt(words, run * width + word);
  }
}

/** Four bits, lowest first, make a letter from 0 to 15. */
export function letterAt(words: Uint32Array, index: number): number {
  return (wordAt(words, index >>> 3) >>> (4 * (index & 7))) & 15;
}

function lettersIn(words: Uint32Array): number {
  return 8 * words.length;
}

/**
 * Writes words as text, eight letters each, `a` to `p`: fit for any key and any log, and several times as fast as digits.
 * In one piece: a text put together from pieces stays a rope, more than twice its size, for as long as somebody keeps it.
 */
export function writerOf(words: Uint32Array): () => string {
  const codes = Array.from({ length: lettersIn(words) }, () => 0);
  return () => {
    for (let index = 0; index < codes.length; index++) codes[index] = 97 + letterAt(words, index);
    return String.fromCharCode(...codes);
  };
}
