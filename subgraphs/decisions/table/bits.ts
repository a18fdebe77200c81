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

/** Eight letters a word, `a` to `p`, lowest bits first: fit for any key and any log, and several times as fast as digits. */
export function textOf(words: Uint32Array): string {
  let text = "";
  for (const word of words) {
    text += String.fromCharCode(
      letter(word),
      letter(word >>> 4),
      letter(word >>> 8),
      letter(word >>> 12),
      letter(word >>> 16),
      letter(word >>> 20),
      letter(word >>> 24),
      letter(word >>> 28),
    );
  }
  return text;
}

function letter(word: number): number {
  return 97 + (word & 15);
}
