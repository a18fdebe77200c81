/**
 * How much can a field ask for?
 *
 * Declared beside the field, and composed into the supergraph, so that the gateway knows before it runs anything: `@cost` and
 * `@listSize` as in the cost specification of IBM and Apollo, and `@decides`, which is ours. `@decides` says how often the
 * field can call the decision service, once for each object it is asked of, or only where an argument is given.
 */
import { Directive } from "type-graphql";

/** Links what a subgraph's schema may declare, and composes what is ours. */
export const DEMAND_LINK =
  '@link(url: "https://specs.decibel.example/decides/v1.0", import: ["@decides"]) @composeDirective(name: "@decides")';
export const DEMAND_DEFINITION = "directive @decides(calls: Int! = 1, where: String) on FIELD_DEFINITION";

type FieldDecorator = MethodDecorator & PropertyDecorator;

/**
 * Of a field that evaluates a decision, by how many evaluations it makes at most; retries after failures are not counted.
 * `where`: only where that argument is given.
 */
export function Decides(calls = 1, where?: string): FieldDecorator {
  return Directive(`@decides(calls: ${calls}${where === undefined ? "" : `, where: "${where}"`})`);
}

/** Of a field that gives a connection: a page has `first` nodes. */
export function Paged(): FieldDecorator {
  return Directive(
    '@listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)',
  );
}

/** Of a field that gives a list of objects: how many to reckon with. */
export function Sized(assumed: number): FieldDecorator {
  return Directive(`@listSize(assumedSize: ${assumed})`);
}
