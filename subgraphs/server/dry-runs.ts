/**
 * Which mutations are dry runs, and what do their payloads say?
 *
 * Those whose input says so. One operation has one of them, and nothing else: what is done beside it would be undone with it,
 * or would not know of it. An operation that has more is refused as a whole, and nothing of it is done.
 */
import { Kind, getArgumentValues, isObjectType } from "graphql";
import type { FieldNode, GraphQLResolveInfo, GraphQLSchema, SelectionSetNode } from "graphql";
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
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(mutations)) {
    const { resolve } = field;
    if (!resolve) throw new Error(`Mutation.${field.name} must have a resolver`);
    field.resolve = async (source: unknown, args: Arguments, context: Context, info) => {
      if (!isAlone(info) && hasDryRun(info))
        throw badUserInput(`Cannot ${field.name}: an operation with a dry run has no other mutation`, "input", {
          dryRun: ["must be of the only mutation"],
        });
      if (args.input?.dryRun === true) beginDryRun();
      return resolve(source, args, context, info);
    };
  }

  function hasDryRun({ operation, fragments, variableValues }: GraphQLResolveInfo): boolean {
    return fieldsIn(operation.selectionSet, fragments).some((node) => {
      const field = mutations[node.name.value];
      const { input }: Arguments = field ? getArgumentValues(field, node, variableValues) : {};
      return input?.dryRun === true;
    });
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

function isAlone({ operation, fragments }: GraphQLResolveInfo): boolean {
  const names = fieldsIn(operation.selectionSet, fragments).map(({ alias, name }) => (alias ?? name).value);
  return new Set(names).size === 1;
}

/** All mutations that are selected, in fragments too. */
function fieldsIn({ selections }: SelectionSetNode, fragments: GraphQLResolveInfo["fragments"]): readonly FieldNode[] {
  return selections.flatMap((selection): readonly FieldNode[] => {
    if (selection.kind === Kind.FIELD) return selection.name.value === "__typename" ? [] : [selection];
    const spread = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
    return spread ? fieldsIn(spread.selectionSet, fragments) : [];
  });
}

function planned(): Pick<DryRun, "decisions" | "effects"> | null {
  const { decisions, effects } = dryRunHere() ?? {};
  return decisions && effects ? { decisions, effects } : null;
}
