/**
 * What is known of an operation before the values of its variables are?
 *
 * The operations for the planner and the shape of the response, for each way in which the client's variables can turn
 * selections on or off or leave arguments out, and its scopes refuse fields. Both are kept; the least recently used goes
 * first.
 */
import { GraphQLError, Kind, visit } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import { requirementsIn } from "../../schema/field-scopes.ts";
import type { FieldScopes } from "../../schema/field-scopes.ts";
import { satisfies } from "../../schema/scope.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import { NOT_DEFERRED, deferredFragments } from "./deferral.ts";
import type { EntityKeys } from "./deferral.ts";
import type { PrivateNames } from "./private-names.ts";
import type { DeferredFragment } from "./response.ts";
import { limitExceeded } from "./limits.ts";
import { createCompletion } from "./complete.ts";
import type { Completion } from "./complete.ts";
import { normalise, normaliseDeferred } from "./normalise.ts";
import type { NormalisedOperation } from "./normalise.ts";
import { fragmentsIn, isIntrospection, rootTypeOf } from "./operation.ts";
import type { CallerOperation } from "./operation.ts";
import { lackingOf } from "./scopes.ts";

export interface PreparedOperation {
  readonly operations: readonly NormalisedOperation[];
  readonly completion: Completion;
  readonly names: PrivateNames;
  /** Response keys at the root that need no subgraph: `__typename`, and fields that are refused. */
  readonly ownKeys: readonly string[];
  /** The fields of introspection at the root. */
  readonly introspections: readonly FieldNode[];
  /** The operation, without the values of its variables: only what makes this variant of it is kept of them. */
  readonly client: CallerOperation;
  /** The operation that answers a deferred fragment. */
  readonly deferred: (fragment: DeferredFragment) => NormalisedOperation;
}

export interface PreparationOptions {
  readonly schema: GraphQLSchema;
  /** Of private names. */
  readonly prefix: string;
  /** Of the entities whose fragments can be deferred. */
  readonly keys: EntityKeys;
  readonly scopes: FieldScopes;
}

export interface PreparationRequest {
  readonly operation: OperationDefinitionNode;
  readonly document: DocumentNode;
  /** Coerced by their types. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The client accepts an answer in parts. */
  readonly isDeferring: boolean;
  readonly callerScopes: ReadonlySet<string>;
}

/** Throws a GraphQLError for an operation that selects too much, or for a condition that is null. */
export type PrepareOperation = (request: PreparationRequest) => PreparedOperation;

interface Known {
  /** Tells the operation apart from all others that are kept. */
  readonly id: number;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The variables that `@skip` and `@include` read. */
  readonly conditions: ReadonlySet<string>;
  /** Of its fields: what callers may lack. */
  readonly requirements: readonly RequiredScopes[];
}

/** Of all prepared operations together. Each takes some kilobytes. */
const MAX_SELECTIONS = 50_000;
/** Of a document, which is kept with what is prepared of it, and takes as much memory as one selection. */
const CHARACTERS = 32;

/** Each may be as large as the schema. */
const MAX_INTROSPECTIONS = 10;

export function createPrepare({ schema, prefix, keys, scopes }: PreparationOptions): PrepareOperation {
  const known = new WeakMap<OperationDefinitionNode, Known>();
  const kept = new LRUCache<string, PreparedOperation>({ maxSize: MAX_SELECTIONS });
  let operationsSeen = 0;

  return ({ operation, document, variables, isDeferring, callerScopes }) => {
    let found = known.get(operation);
    if (!found) {
      const spread = fragmentsOf(document, operation);
      operationsSeen += 1;
      found = {
        id: operationsSeen,
        fragments: spread,
        conditions: conditionsOf(operation, spread),
        requirements: [...requirementsIn([operation, ...spread.values()], schema, scopes).keys()],
      };
      known.set(operation, found);
    }
    const { fragments, requirements } = found;
    assertConditions(found.conditions, variables);
    const unmet = requirements.filter((required) => !satisfies(callerScopes, required));
    const without = unmet.length === 0 ? "" : ` ${unmet.map((one) => requirements.indexOf(one)).join(" ")}`;
    const variant = `${found.id} ${isDeferring ? "d" : ""}${variantOf(operation, found.conditions, variables)}${without}`;
    const earlier = kept.get(variant);
    if (earlier) return earlier;
    // Values are those of one request, and may be large.
    const lasting = lastingOf(variables, found.conditions);
    const client = { schema, operation, fragments, variables: lasting, lacking: lackingOf(scopes, unmet) };
    const deferred = isDeferring ? deferredFragments(client, keys) : NOT_DEFERRED;
    // Deferred or not, an operation selects as much.
    const whole = deferred.size > 0 ? normalise(client, prefix).selections : 0;
    const { operations, names, selections } = normalise(client, prefix, { fragments: deferred, keys });
    const completion = createCompletion(client, rootTypeOf(client), names, deferred);
    const roots = [...completion.rootFields];
    const introspections = roots.flatMap(([, nodes]) => nodes.filter(isIntrospection));
    if (introspections.length > MAX_INTROSPECTIONS)
      throw limitExceeded(`operation has more than ${MAX_INTROSPECTIONS} introspections`);
    const asked = new Set(operations.flatMap(({ responseKeys }) => responseKeys));
    const normalised = new Map<DeferredFragment, NormalisedOperation>();
    const prepared: PreparedOperation = {
      operations,
      completion,
      names,
      ownKeys: roots.flatMap(([key, nodes]) => (asked.has(key) || nodes.some(isIntrospection) ? [] : [key])),
      introspections,
      client,
      deferred(fragment) {
        let one = normalised.get(fragment);
        if (!one) {
          one = normaliseDeferred(client, names, fragment.type, fragment.selectionSet);
          normalised.set(fragment, one);
        }
        return one;
      },
    };
    const { length = 0 } = operation.loc?.source.body ?? {};
    kept.set(variant, prepared, { size: 1 + selections + whole + Math.ceil(length / CHARACTERS) });
    return prepared;
  };
}

/** Those that the operation spreads. */
function fragmentsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ReadonlyMap<string, FragmentDefinitionNode> {
  const all = fragmentsIn(document);
  const spread = new Map<string, FragmentDefinitionNode>();
  const add = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = all.get(name.value);
        if (!fragment || spread.has(name.value)) return;
        spread.set(name.value, fragment);
        add(fragment);
      },
    });
  };
  add(operation);
  return spread;
}

/** A variable with a default may be null, and a condition may not. Nothing is executed then, whatever it would select. */
function assertConditions(conditions: ReadonlySet<string>, variables: Readonly<Record<string, unknown>>): void {
  for (const name of conditions) {
    if (!Object.hasOwn(variables, name) || variables[name] !== null) continue;
    throw new GraphQLError(`Variable "$${name}" is null, and is a condition of @skip or @include`, {
      extensions: { code: "BAD_USER_INPUT" },
    });
  }
}

/** In the place of a value that is not kept: an argument is given or not, whatever its value. */
const GIVEN = true;

/** The conditions and the nulls, and of all others that they are given. */
function lastingOf(
  variables: Readonly<Record<string, unknown>>,
  conditions: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value === null || conditions.has(name) ? value : GIVEN]),
  );
}

/** Equal where the same selections and the same arguments remain. */
function variantOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  conditions: ReadonlySet<string>,
  variables: Readonly<Record<string, unknown>>,
): string {
  let variant = "";
  for (const { variable } of variableDefinitions) {
    const name = variable.name.value;
    if (!Object.hasOwn(variables, name)) variant += "-";
    else if (variables[name] === null) variant += "0";
    else if (conditions.has(name)) variant += variables[name] === true ? "t" : "f";
    else variant += "+";
  }
  return variant;
}

function conditionsOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of [operation, ...fragments.values()]) {
    visit(node, {
      Directive({ arguments: given = [] }) {
        const condition = given.find(({ name }) => name.value === "if")?.value;
        if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
      },
    });
  }
  return names;
}
