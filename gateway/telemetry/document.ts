/**
 * Which document is shown in a trace?
 *
 * That of the client's operation, without values: each literal is null. Its names are those of the client.
 */
import { Kind, print, visit } from "graphql";
import type { DocumentNode, NullValueNode } from "graphql";

const NOTHING: NullValueNode = { kind: Kind.NULL };
const shown = new WeakMap<DocumentNode, string>();

export function documentWithoutValues(document: DocumentNode): string {
  let text = shown.get(document);
  if (text === undefined) {
    text = print(
      visit(document, {
        IntValue: () => NOTHING,
        FloatValue: () => NOTHING,
        StringValue: () => NOTHING,
        BooleanValue: () => NOTHING,
        EnumValue: () => NOTHING,
      }),
    );
    shown.set(document, text);
  }
  return text;
}
