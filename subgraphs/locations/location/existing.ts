/** What do all acts about locations have in common? They are about a location that is there, and of a time that can be. */
import { badUserInput } from "../../../schema/errors.ts";
import { locationId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { LocationServices } from "../services.ts";
import type { Location } from "./location.ts";

/** What lies outside is a slip of the keyboard; and PostgreSQL and JavaScript do not spell it alike. */
export const DATES_FROM = new Date("1900-01-01T00:00:00Z");
export const DATES_TO = new Date("9999-12-31T23:59:59Z");

/** `id` is the one in Soundtrack. Rejects with BAD_USER_INPUT where Soundtrack knows no such location. */
export async function existing(
  { load }: LocationServices,
  context: Context,
  mutation: string,
  id: string,
): Promise<Location> {
  const location = await load(context).location.load(id);
  if (location) return location;
  throw badUserInput(`Cannot ${mutation}: there is no location ${locationId.encode(id)}`, "locationId");
}
