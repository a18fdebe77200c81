/** Which scalars does the graph have? Four, each defined by a standard. */
import { GraphQLScalarType } from "graphql";
import { GraphQLCountryCode, GraphQLCurrency, GraphQLDateTime, GraphQLJSON } from "graphql-scalars";

export const DateTime = renamed(GraphQLDateTime, "DateTime", "RFC 3339, in UTC");
export const CountryCode = renamed(
  withUnknown(GraphQLCountryCode),
  "CountryCode",
  "ISO 3166-1 alpha-2; `ZZ`, which is no country, in an answer where it is not known",
);
export const CurrencyCode = renamed(GraphQLCurrency, "CurrencyCode", "ISO 4217");
export const Json = renamed(GraphQLJSON, "JSON", "Any JSON value");

/** Clients do not send `ZZ`: ISO 3166 leaves that code to its users, and here it says that there is none. */
function withUnknown(scalar: GraphQLScalarType): GraphQLScalarType {
  return new GraphQLScalarType({
    ...scalar.toConfig(),
    serialize: (value) => (value === "ZZ" ? value : scalar.serialize(value)),
  });
}

/** The library's scalar under the graph's name, without its additions to the SDL (links, hints for code generators). */
function renamed(scalar: GraphQLScalarType, name: string, description: string): GraphQLScalarType {
  const { parseValue, parseLiteral, serialize } = scalar;
  return new GraphQLScalarType({ name, description, parseValue, parseLiteral, serialize });
}
