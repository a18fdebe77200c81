/** How do the subgraphs of the bench execute? By graphql-jit, without checks: they are to cost as little as they can. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { GraphQLResolverMap } from "@apollo/subgraph";
import { parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";
import { RESOLVERS, SCHEMAS } from "./world.ts";
import type { SubgraphName } from "./world.ts";

export function benchSchema(name: SubgraphName): GraphQLSchema {
  return buildSubgraphSchema([
    { typeDefs: parse(SCHEMAS[name]), resolvers: RESOLVERS[name] as unknown as GraphQLResolverMap<unknown> },
  ]);
}

export function createFastExecutor(name: SubgraphName): (query: string, variables: object) => unknown {
  const schema = benchSchema(name);
  const compiled = new Map<string, (variables: object) => unknown>();
  return (query, variables) => {
    let run = compiled.get(query);
    if (!run) {
      const made = compileQuery(schema, parse(query));
      if (!isCompiledQuery(made)) throw new Error(`Cannot compile ${query}: ${JSON.stringify(made.errors)}`);
      run = (values) => made.query(undefined, {}, values);
      compiled.set(query, run);
    }
    return run(variables);
  };
}
