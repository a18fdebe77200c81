/** How valuable is a customer? The same scale for a listener and for the account of a support case. */
import { registerEnumType } from "type-graphql";

export const CustomerValue = { LOW: "LOW", MEDIUM: "MEDIUM", HIGH: "HIGH" } as const;
export type CustomerValue = (typeof CustomerValue)[keyof typeof CustomerValue];

registerEnumType(CustomerValue, { name: "CustomerValue", description: "How valuable a customer is to the business." });
