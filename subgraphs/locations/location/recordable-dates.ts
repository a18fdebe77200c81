/** Which dates are accepted? Others are typing errors, and PostgreSQL and JavaScript format them differently. */
export const EARLIEST_DATE = new Date("1900-01-01T00:00:00Z");
export const LATEST_DATE = new Date("9999-12-31T23:59:59Z");
