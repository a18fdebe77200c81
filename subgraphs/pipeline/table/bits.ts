/** How are many bits kept in few words? An index beyond the end reads as 0, which is what checked indexing needs. */

export function wordsFor(bits: number): number {
  return Math.ceil(bits / 32);
}

export function wordAt(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

export function setBit(words: Uint32Array, bit: number): void {
  words[bit >>> 5] = wordAt(words, bit >>> 5) | (1 << (bit & 31));
}

/** A loop, because `fill` costs more than it saves where there are only one or two words. */
export function clear(words: Uint32Array): void {
  for (let word = 0; word < words.length; word++) words[word] = 0;
}

/** Runs of bits of one length, to be OR-ed into words that also hold other bits; a run begins at the word `start`. */
export interface Runs {
  readonly start: number;
  readonly width: number;
  readonly words: Uint32Array;
}

/** Runs for `bits` bits from the bit `first` on, all clear. */
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

/** Four bits, 0 to 15. */
export function nibbleAt(words: Uint32Array, index: number): number {
  return (wordAt(words, index >>> 3) >>> (4 * (index & 7))) & 15;
}

/**
 * Writes the words as text, a letter from `a` to `p` for each nibble: fit for keys and logs, and several times as fast as
 * digits. The text is made in one piece: one concatenated from pieces stays a rope, of twice the size, while it is kept.
 */
export function textWriter(words: Uint32Array): () => string {
  const codes = Array.from({ length: 8 * words.length }, () => 0);
  return () => {
    for (let index = 0; index < codes.length; index++) codes[index] = 97 + nibbleAt(words, index);
    return String.fromCharCode(...codes);
  };
}
