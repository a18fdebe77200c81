/** At which paths does the gateway answer GraphQL? */

export const ENDPOINT = "/graphql";
/** The contract for partners. */
export const PARTNER_ENDPOINT = "/partner/graphql";
