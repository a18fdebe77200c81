/** How is a gateway's reference to an entity read? As input: its key and the fields of `@requires` are validated. */
import { z } from "zod";
import { badUserInput } from "../../schema/errors.ts";

const Typename = z.object({ __typename: z.string() }).transform(({ __typename: name }) => name);
const Keyed = z.object({ id: z.string() });

/** The reference's type. Throws BAD_USER_INPUT if it is not one of `types`. */
export function readTypename(representation: unknown, types: readonly string[]): string {
  const typename = Typename.safeParse(representation).data;
  if (typename !== undefined && types.includes(typename)) return typename;
  throw badUserInput(
    `Cannot resolve a representation: its __typename is none of ${types.join(", ")}`,
    "representations",
  );
}

/** Throws BAD_USER_INPUT that names the type and the malformed field. */
export function readReference<T = { id: string }>(type: string, representation: unknown, schema?: z.ZodType<T>): T;
export function readReference(type: string, representation: unknown, schema: z.ZodType = Keyed): unknown {
  const parsed = schema.safeParse(representation);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw badUserInput(`Cannot resolve ${type}: its representation's ${field} is malformed`, "representations");
}
