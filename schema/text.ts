/**
 * Which texts does an input take?
 *
 * Those that say something, are no longer than the field allows, and can be stored: PostgreSQL has no place for NUL.
 */
import { IsNotEmpty, Matches, MaxLength } from "class-validator";

export interface TextOptions {
  /** In UTF-16 code units. */
  readonly longest: number;
  /** Of a list: each of its texts. */
  readonly each?: boolean;
}

/** Says so by field: "should not be empty", "must not be blank or contain NUL". */
export function IsText({ longest, each = false }: TextOptions): PropertyDecorator {
  const checks = [
    IsNotEmpty({ each }),
    MaxLength(longest, { each }),
    // In one pass, however long the text is.
    Matches(/^(?!\s*$)[^\0]*$/, {
      each,
      message: `${each ? "each value in " : ""}$property must not be blank or contain NUL`,
    }),
  ];
  return (target, property) => {
    for (const check of checks) check(target, property);
  };
}
