/** What does a customer mean to us? The same three words for a listener and for the account behind a case. */
import { registerEnumType } from "type-graphql";

export const CustomerValue = { LOW: "LOW", MEDIUM: "MEDIUM", HIGH: "HIGH" } as const;
export type CustomerValue = (typeof CustomerValue)[keyof typeof CustomerValue];

registerEnumType(CustomerValue, { name: "CustomerValue", description: "What a customer means to us." });
