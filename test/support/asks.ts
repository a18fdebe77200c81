/** What an ask says beside its question, where a test does not care whom it is about and who asks. */
export const SUBJECT = "subject_1";
export const BY = { subject: SUBJECT, caller: "test" } as const;
