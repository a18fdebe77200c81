/** Which scalars does the graph have? Four, each defined by a standard. */
import { GraphQLScalarType } from "graphql";
import { GraphQLCountryCode, GraphQLCurrency, GraphQLDateTime, GraphQLJSON } from "graphql-scalars";

export const DateTime = renamed(GraphQLDateTime, "DateTime", "RFC 3339, in UTC");
export const CountryCode = renamed(GraphQLCountryCode, "CountryCode", "ISO 3166-1 alpha-2");
export const CurrencyCode = renamed(GraphQLCurrency, "CurrencyCode", "ISO 4217");
export const Json = renamed(GraphQLJSON, "JSON", "Any JSON value");

/** The library's scalar under the graph's name, without its additions to the SDL (links, hints for code generators). */
function renamed(scalar: GraphQLScalarType, name: string, description: string): GraphQLScalarType {
  const { parseValue, parseLiteral, serialize } = scalar;
  return new GraphQLScalarType({ name, description, parseValue, parseLiteral, serialize });
}
