/** What does a gateway's reference to an entity say? Its key, and whatever `@requires` asked for, checked like any input. */
import { z } from "zod";
import { badUserInput } from "../schema/errors.ts";

const Keyed = z.object({ id: z.string() });

/** Throws BAD_USER_INPUT naming the type and field that are not as they should be. */
export function readReference<T = { id: string }>(type: string, representation: unknown, schema?: z.ZodType<T>): T;
export function readReference(type: string, representation: unknown, schema: z.ZodType = Keyed): unknown {
  const parsed = schema.safeParse(representation);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw badUserInput(`Cannot resolve ${type}: its representation's ${field} is malformed`, "representations");
}
