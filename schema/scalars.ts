/** Which scalars does the graph speak? Four, each a standard's. */
import { GraphQLScalarType } from "graphql";
import { GraphQLCountryCode, GraphQLCurrency, GraphQLDateTime, GraphQLJSON } from "graphql-scalars";

export const DateTime = renamed(GraphQLDateTime, "DateTime", "RFC 3339, in UTC");
export const CountryCode = renamed(GraphQLCountryCode, "CountryCode", "ISO 3166-1 alpha-2");
export const CurrencyCode = renamed(GraphQLCurrency, "CurrencyCode", "ISO 4217");
export const Json = renamed(GraphQLJSON, "JSON", "Any JSON value");

/** The library's parsing under the graph's name; what it puts into SDL beside that (links, codegen hints) is left out. */
function renamed(scalar: GraphQLScalarType, name: string, description: string): GraphQLScalarType {
  const { parseValue, parseLiteral, serialize } = scalar;
  return new GraphQLScalarType({ name, description, parseValue, parseLiteral, serialize });
}
