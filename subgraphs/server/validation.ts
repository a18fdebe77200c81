/**
 * Which inputs does a mutation not take, and what is its client told?
 *
 * What class-validator's decorators say of the input's class: every field that is wrong is named by its path, with all
 * that is wrong with it, so that a form can show it where it belongs.
 */
import { validate } from "class-validator";
import type { ValidationError } from "class-validator";
import type { GraphQLError } from "graphql";
import type { ValidatorFn } from "type-graphql";
import { badUserInput } from "../../schema/errors.ts";
import type { FieldProblems } from "../../schema/errors.ts";

/** Queries check their few arguments where they read them. */
export const validateInput: ValidatorFn = async (value, _type, { info }) => {
  if (info.parentType.name !== "Mutation" || typeof value !== "object" || value === null) return;
  const found = await validate(value, { forbidUnknownValues: false });
  const fields = { ...Object.fromEntries(unstorable(value)), ...problemsOf(found) };
  if (Object.keys(fields).length > 0) throw badFields(info.fieldName, fields);
};

/** For what no decorator can say, in the same words. */
export function badFields(mutation: string, fields: FieldProblems): GraphQLError {
  const said = Object.entries(fields).map(([field, problems]) => `${field} ${problems.join(", ")}`);
  return badUserInput(`Cannot ${mutation}: ${said.slice(0, MOST_SAID).join("; ")}`, "input", fields);
}

/** In the message; `extensions.fields` has all. */
const MOST_SAID = 3;

/** PostgreSQL takes no NUL, whichever text it stands in. */
function* unstorable(value: unknown, path: readonly string[] = []): Generator<[string, readonly string[]]> {
  if (typeof value === "string" && value.includes("\0")) yield [path.join("."), ["must hold no NUL"]];
  if (typeof value !== "object" || value === null) return;
  for (const [name, own] of Object.entries(value)) yield* unstorable(own, [...path, name]);
}

function problemsOf(errors: readonly ValidationError[], path: readonly string[] = []): FieldProblems {
  return Object.fromEntries(
    errors.flatMap(({ property, constraints = {}, children = [] }) => {
      const own = [...path, property];
      // Messages name the property, which is the key here.
      const said = Object.values(constraints).map((message) =>
        message.replace(`each value in ${property} `, "each ").replace(`${property} `, ""),
      );
      return [
        ...(said.length === 0 ? [] : [[own.join("."), said] as const]),
        ...Object.entries(problemsOf(children, own)),
      ];
    }),
  );
}
