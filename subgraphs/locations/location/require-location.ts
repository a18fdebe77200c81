/** Does the location that a mutation names exist? */
import { badUserInput } from "../../../schema/errors.ts";
import { locationId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { LocationServices } from "../services.ts";
import type { Location } from "./location.ts";

/** `id` is the one in Soundtrack. Rejects with BAD_USER_INPUT if Soundtrack has no such location. */
export async function requireLocation(
  { load }: LocationServices,
  context: Context,
  mutation: string,
  id: string,
): Promise<Location> {
  const location = await load(context).location.load(id);
  if (location) return location;
  throw badUserInput(`Cannot ${mutation}: there is no location ${locationId.encode(id)}`, "locationId");
}
