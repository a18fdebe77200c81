/** Subject and caller of an ask, for tests that do not depend on them. */
export const SUBJECT = "subject_1";
export const BY = { subject: SUBJECT, caller: "test" } as const;
