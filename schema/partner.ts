/**
 * What do partners see of the graph?
 *
 * Eligibility, verdicts, reasons and how fresh they are, of campaigns, episodes and locations. What is not named here or by
 * these decorators does not exist for them: composition makes a graph of its own of it, `schema/partner.graphql`.
 */
import { Extensions } from "type-graphql";

/** Of `@tag`. */
export const PARTNER = "partner";

/** The extension of a type, with the names of its fields. */
export const PARTNER_FIELDS = "partnerFields";
/** The extension of a field, with the names of its arguments. */
export const PARTNER_ARGUMENTS = "partnerArguments";

/** Scalars and enums, whole. */
export const PARTNER_VALUES: ReadonlySet<string> = new Set(["DateTime", "Verdict"]);

/** Of a type: the fields that partners see, without arguments. */
export function PartnerFields(...names: readonly string[]) {
  return Extensions({ [PARTNER_FIELDS]: names });
}

/** Of a field that partners see: the arguments that they may give. */
export function PartnerField(...names: readonly string[]) {
  return Extensions({ [PARTNER_ARGUMENTS]: names });
}
