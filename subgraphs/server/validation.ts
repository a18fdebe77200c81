/**
 * How is the input of a mutation validated?
 *
 * By the class-validator decorators of its class. The error names each invalid field by its path, with all its problems,
 * so that a form can show them beside the field.
 */
import { validate } from "class-validator";
import type { ValidationError } from "class-validator";
import type { GraphQLError } from "graphql";
import type { ValidatorFn } from "type-graphql";
import { badUserInput } from "../../schema/errors.ts";
import type { FieldProblems } from "../../schema/errors.ts";

/** Queries validate their few arguments where they read them. */
export const validateInput: ValidatorFn = async (value, _type, { info }) => {
  if (info.parentType.name !== "Mutation" || typeof value !== "object" || value === null) return;
  const errors = await validate(value, { forbidUnknownValues: false });
  const fields = { ...Object.fromEntries(unstorable(value)), ...problemsOf(errors) };
  if (Object.keys(fields).length > 0) throw badFields(info.fieldName, fields);
};

/** The same error for rules that no decorator can express. */
export function badFields(mutation: string, fields: FieldProblems): GraphQLError {
  const problems = Object.entries(fields).map(([field, own]) => `${field} ${own.join(", ")}`);
  return badUserInput(`Cannot ${mutation}: ${problems.slice(0, MAX_IN_MESSAGE).join("; ")}`, "input", fields);
}

/** `extensions.fields` has all fields. */
const MAX_IN_MESSAGE = 3;

/** PostgreSQL stores no text with NUL. */
function* unstorable(value: unknown, path: readonly string[] = []): Generator<[string, readonly string[]]> {
  if (typeof value === "string" && value.includes("\0")) yield [path.join("."), ["must hold no NUL"]];
  if (typeof value !== "object" || value === null) return;
  for (const [name, own] of Object.entries(value)) yield* unstorable(own, [...path, name]);
}

function problemsOf(errors: readonly ValidationError[], path: readonly string[] = []): FieldProblems {
  return Object.fromEntries(
    errors.flatMap(({ property, constraints = {}, children = [] }) => {
      const own = [...path, property];
      // Messages begin with the property, which is the key here.
      const problems = Object.values(constraints).map((message) =>
        message.replace(`each value in ${property} `, "each ").replace(`${property} `, ""),
      );
      return [
        ...(problems.length === 0 ? [] : [[own.join("."), problems] as const]),
        ...Object.entries(problemsOf(children, own)),
      ];
    }),
  );
}
