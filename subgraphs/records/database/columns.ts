/** Which kinds of columns do the tables share? */
import { text, timestamp } from "drizzle-orm/pg-core";

/** An instant in whole milliseconds: no more fits into a Date, or into a cursor. */
export const moment = () => timestamp({ withTimezone: true, precision: 3, mode: "date" });

export const words = () => text().array().$type<readonly string[]>();
