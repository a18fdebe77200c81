/**
 * Which mutations are dry runs, and what do their payloads say?
 *
 * Those whose input says so. One operation has one of them, and nothing else: what is done beside it would be undone with it,
 * or would not know of it.
 */
import { isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { badUserInput } from "../../schema/errors.ts";
import { PLANNED } from "../../schema/dry-run.ts";
import { beginDryRun, dryRunHere } from "../platform/dry-run.ts";
import type { DryRun } from "../platform/dry-run.ts";
import type { Context } from "../platform/context.ts";

interface Arguments {
  readonly input?: { readonly dryRun?: boolean | null };
}

/** `declared` has the extensions of the fields. */
export function answerDryRuns(schema: GraphQLSchema, declared: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) throw new Error(`Mutation.${field.name} must have a resolver`);
    field.resolve = async (source: unknown, args: Arguments, context: Context, info) => {
      const others = info.operation.selectionSet.selections.length > 1;
      if (dryRunHere() || (args.input?.dryRun === true && others))
        throw badUserInput(`Cannot ${field.name}: an operation with a dry run has no other mutation`, "input", {
          dryRun: ["must be of the only mutation"],
        });
      if (args.input?.dryRun === true) beginDryRun();
      return resolve(source, args, context, info);
    };
  }
  for (const type of Object.values(declared.getTypeMap())) {
    const served = schema.getType(type.name);
    if (!isObjectType(type) || !isObjectType(served)) continue;
    for (const { name, extensions } of Object.values(type.getFields())) {
      const field = served.getFields()[name];
      if (field && Object.keys(PLANNED).every((key) => key in extensions)) field.resolve = planned;
    }
  }
}

function planned(): Pick<DryRun, "decisions" | "effects"> | null {
  const { decisions, effects } = dryRunHere() ?? {};
  return decisions && effects ? { decisions, effects } : null;
}
