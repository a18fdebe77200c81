/**
 * May a comment disable a rule?
 *
 * In one form only: for the next line, by the rule's name, with a reason. The rules that keep rooms apart cannot be
 * disabled. A comment could disable the rule that reports it, so this reads the text of a file and is no rule itself.
 */

// The word is split, since this file is read as well.
const DISABLES = /(?:oxlint|eslint)-disable/;
const ACCEPTED = /^\s*\/\/ oxlint-(?:disable)-next-line ([\w@/-]+(?:, [\w@/-]+)*) -- \S/;
/** Also without their plugins' names. */
const GUARDED = /^(?:.*\/)?(?:direction|no-cycle|consistent-type-imports)$/;

/** The lines that disable a rule and must not, each with what is wrong. */
export function problemsOfComments(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).flatMap((line, index) => {
    const problem = DISABLES.test(line) ? problemOfLine(line) : undefined;
    return problem === undefined ? [] : [`line ${index + 1} ${problem}`];
  });
}

function problemOfLine(line: string): string | undefined {
  const rules = ACCEPTED.exec(line)?.[1];
  if (rules === undefined) return "must disable named rules for the next line, and end with -- and a reason";
  const guarded = rules.split(", ").find((rule) => GUARDED.test(rule));
  return guarded && `must not disable ${guarded}: it keeps rooms apart`;
}
