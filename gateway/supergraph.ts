/**
 * Which supergraph does the gateway serve?
 *
 * The committed one. For a subgraph that does not listen where rover.yaml says, only the URL is replaced: composing at
 * start, from schemas that subgraphs are asked for, would make the gateway's start depend on theirs.
 */
import { Kind, parse, print, visit } from "graphql";

/** Subgraph name → URL of its GraphQL endpoint; the others keep their URLs. */
export type RoutingUrls = Readonly<Record<string, string>>;

/** Throws an Error that lists the names which are not subgraphs of the supergraph. */
export function routed(supergraph: string, urls: RoutingUrls): string {
  const names = new Set<string>();
  const document = visit(parse(supergraph), {
    Directive(node) {
      if (node.name.value !== "join__graph") return undefined;
      const values = new Map(
        node.arguments?.map(({ name, value }) => [name.value, value.kind === Kind.STRING ? value.value : ""]),
      );
      const name = values.get("name") ?? "";
      names.add(name);
      const url = urls[name];
      if (url === undefined) return undefined;
      return {
        ...node,
        arguments: node.arguments?.map((argument) =>
          argument.name.value === "url" ? { ...argument, value: { kind: Kind.STRING as const, value: url } } : argument,
        ),
      };
    },
  });
  const unknown = Object.keys(urls).filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`Cannot route: the supergraph has no subgraph ${unknown.join(", ")}`);
  return print(document);
}
