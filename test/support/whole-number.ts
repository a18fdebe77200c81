/** How is a number among the options of a command read? */

/** Throws a RangeError that names the option, unless the text is a whole number of at most nine digits, from `min`. */
export function wholeNumber(option: string, text: string, min = 0): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= min) return Number(text);
  throw new RangeError(`--${option} expects a whole number from ${min}, got "${text}"`);
}
