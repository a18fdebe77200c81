/** Which texts does a mutation take? Those that say something, have an end, and can be written down. */
import { ValidateBy, buildMessage } from "class-validator";

/** `longest` in characters. PostgreSQL knows no NUL. */
export function IsPlainText(longest: number): PropertyDecorator {
  const isPlain = (text: unknown): boolean =>
    typeof text === "string" && text.trim() !== "" && text.length <= longest && !text.includes("\0");
  return ValidateBy({
    name: "isPlainText",
    validator: {
      validate: isPlain,
      defaultMessage: buildMessage(() => `$property must be 1 to ${longest} characters, not all blank and none NUL`),
    },
  });
}
