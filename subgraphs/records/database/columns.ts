/** Which column types do the tables share? */
import { text, timestamp } from "drizzle-orm/pg-core";

/** In whole milliseconds, the precision of a Date and of a cursor. */
export const instant = () => timestamp({ withTimezone: true, precision: 3, mode: "date" });

export const textArray = () => text().array().$type<readonly string[]>();
