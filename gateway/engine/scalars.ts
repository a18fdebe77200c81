/**
 * Is a subgraph's value one of its scalar type?
 *
 * Checked for GraphQL's own scalars, as their input is: unlike `serialize`, that takes no value of another type, so that a
 * subgraph's number is no String. Values of other scalars pass.
 */
import { isSpecifiedScalarType } from "graphql";
import type { GraphQLScalarType } from "graphql";
import type { Response } from "./response.ts";

/** Values that need no further check, by the scalar's name. */
const COMMON: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === "string",
  ID: (value) => typeof value === "string",
  Boolean: (value) => typeof value === "boolean",
  Int: (value) => typeof value === "number" && (value | 0) === value,
  Float: (value) => typeof value === "number" && Number.isFinite(value),
};

/** `field` is its name in errors. */
export function completerOf(
  type: GraphQLScalarType,
  field: string,
): (value: unknown, response: Pick<Response, "fail">) => unknown {
  if (!isSpecifiedScalarType(type)) return (value) => value;
  const isCommon = COMMON[type.name] ?? (() => false);
  return (value, response) => {
    if (isCommon(value)) return value;
    try {
      return type.parseValue(value);
    } catch {
      return response.fail(`Cannot read ${field}: the subgraph's value is not of type ${type.name}`);
    }
  };
}
