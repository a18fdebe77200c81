/**
 * May an operation be run, for what it can cost?
 *
 * Its cost is computed before anything is run, and one that is beyond a limit is refused with it. A client that asks for the
 * cost gets it in `extensions.cost`.
 */
import { GraphQLError } from "graphql";
import type { RequestLimits } from "../../subgraphs/platform/request-limits.ts";
import type { CallerOperation } from "../engine/operation.ts";
import { compileCost } from "./cost.ts";
import type { Cost, CostOf } from "./cost.ts";
import type { Weights } from "./weights.ts";

export interface Demand {
  /** For coerced variables. Throws a GraphQLError with code LIMIT_EXCEEDED. What is compiled is kept as long as the operation. */
  admit(operation: CallerOperation, variables: Readonly<Record<string, unknown>>): Cost;
  /** For operations that are run as one: of their costs together. Throws as `admit` does. */
  assertWithin(cost: Cost): void;
}

/** Of a response, for each of LIMIT_COST: an object has fewer, unless aliases multiply them. */
const VALUES = 20;

export function createDemand(weights: Weights, limits: Pick<RequestLimits, "cost" | "openTextCalls">): Demand {
  const compiled = new WeakMap<CallerOperation, CostOf>();
  return {
    admit(operation, variables) {
      let costOf = compiled.get(operation);
      if (!costOf) compiled.set(operation, (costOf = compileCost(operation, weights)));
      const { values, ...cost } = costOf(variables);
      assertWithin(cost);
      if (values > limits.cost * VALUES)
        throw tooCostly(`response may have ${values} values, and LIMIT_COST allows ${limits.cost * VALUES}`, cost);
      return cost;
    },
    assertWithin,
  };

  function assertWithin(cost: Cost): void {
    const { fieldCost, openTextCalls } = cost;
    if (fieldCost > limits.cost)
      throw tooCostly(`cost of the operation is ${fieldCost}, and LIMIT_COST allows ${limits.cost}`, cost);
    if (openTextCalls > limits.openTextCalls) {
      const may = `operation may call the decision service ${openTextCalls} times`;
      throw tooCostly(`${may}, and LIMIT_OPENTEXT_CALLS allows ${limits.openTextCalls}`, cost);
    }
  }
}

function tooCostly(state: string, cost: Cost): GraphQLError {
  return new GraphQLError(`Cannot execute: the ${state}; ask for smaller pages, or for less in one request`, {
    extensions: { code: "LIMIT_EXCEEDED", cost },
  });
}
