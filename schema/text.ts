/** Which texts does an input take? Those that say something, have an end, and can be written down. */
import { ValidateBy, buildMessage } from "class-validator";

export interface TextOptions {
  /** In UTF-16 code units. */
  readonly longest: number;
  /** Of a list: each of its texts. */
  readonly each?: boolean;
}

/** PostgreSQL has no place for NUL. */
export function IsText({ longest, each = false }: TextOptions): PropertyDecorator {
  const isText = (text: unknown): boolean =>
    typeof text === "string" && text.trim() !== "" && text.length <= longest && !text.includes("\0");
  const message = (eachPrefix: string): string =>
    `${eachPrefix}$property must be 1 to ${longest} characters, not all blank and none NUL`;
  return ValidateBy(
    { name: "isText", validator: { validate: isText, defaultMessage: buildMessage(message, { each }) } },
    { each },
  );
}
