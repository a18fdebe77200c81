/** Which column types do the tables share? */
import { customType, text, timestamp } from "drizzle-orm/pg-core";

/** In whole milliseconds, the precision of a Date and of a cursor. */
export const instant = () => timestamp({ withTimezone: true, precision: 3, mode: "date" });

export const textArray = () => text().array().$type<readonly string[]>();

/** Ordered as JavaScript orders ids, whatever the language of the database. */
export const orderedId = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' });
