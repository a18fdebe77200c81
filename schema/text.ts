/** Which texts are valid input? Those that are not blank, not too long, and can be stored. */
import { ValidateBy, buildMessage } from "class-validator";

export interface TextOptions {
  /** In UTF-16 code units. */
  readonly maxLength: number;
  /** Whether the input is a list of texts. */
  readonly each?: boolean;
}

/** Excludes NUL, which PostgreSQL cannot store. */
export function IsText({ maxLength, each = false }: TextOptions): PropertyDecorator {
  const isText = (text: unknown): boolean =>
    typeof text === "string" && text.trim() !== "" && text.length <= maxLength && !text.includes("\0");
  const message = (eachPrefix: string): string =>
    `${eachPrefix}$property must be 1 to ${maxLength} characters, not all blank and none NUL`;
  return ValidateBy(
    { name: "isText", validator: { validate: isText, defaultMessage: buildMessage(message, { each }) } },
    { each },
  );
}
