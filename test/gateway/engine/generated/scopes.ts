/** Which scopes do the fields of a federation need? Those that its supergraph says, or drawn ones. */
import { Kind, parse, print, valueFromASTUntyped, visit } from "graphql";
import type { ConstDirectiveNode, FieldDefinitionNode } from "graphql";
import { SCOPES } from "../../../../schema/scope.ts";
import type { RequiredScopes } from "../../../../schema/scope.ts";
import { createRandom } from "../../../support/random.ts";
import type { Random } from "../../../support/random.ts";

/** By `Type.field`. */
export type ScopesOf = ReadonlyMap<string, RequiredScopes>;

/** As the supergraph says them. */
export function scopesOf(supergraph: string): ScopesOf {
  const found = new Map<string, RequiredScopes>();
  visit(parse(supergraph), {
    ObjectTypeDefinition({ name: type, fields = [] }) {
      for (const { name, directives = [] } of fields) {
        const value = directives.find((one) => one.name.value === "requiresScopes")?.arguments?.[0]?.value;
        if (value) found.set(`${type.value}.${name.value}`, valueFromASTUntyped(value) as RequiredScopes);
      }
    },
  });
  return found;
}

/** The supergraph, with scopes on a third of the fields of its objects that clients see. */
export function withDrawnScopes(supergraph: string, seed: number): string {
  const random = createRandom(seed * 7919 + 1);
  const drawn = visit(parse(supergraph), {
    ObjectTypeDefinition(node) {
      const fields = (node.fields ?? []).map((field): FieldDefinitionNode => {
        const { directives = [] } = field;
        const isHidden = directives.some(({ name }) => name.value === "inaccessible");
        if (isHidden || !random.isLucky(0.33)) return field;
        return Object.assign({}, field, { directives: [...directives, drawnDirective(random)] });
      });
      return { ...node, fields };
    },
  });
  return print(drawn);
}

/** Of a caller: any of them, but seldom none. */
export function drawnCaller(random: () => number): ReadonlySet<string> {
  const share = random();
  return new Set(SCOPES.filter(() => random() < share));
}

function drawnDirective(random: Random): ConstDirectiveNode {
  const alternative = (): string =>
    `[${Array.from({ length: random.integer(1, 2) }, () => JSON.stringify(random.pick(SCOPES))).join(", ")}]`;
  const scopes = Array.from({ length: random.integer(1, 2) }, alternative).join(", ");
  const [type] = parse(`type T { f: Int @requiresScopes(scopes: [${scopes}]) }`, { noLocation: true }).definitions;
  const directive = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type.fields?.[0]?.directives?.[0] : undefined;
  if (!directive) throw new Error("no directive");
  return directive;
}
