/**
 * Which supergraph does the gateway serve?
 *
 * The committed one. Where a subgraph listens somewhere else than rover.yaml says (another port, another host), only
 * its URL is exchanged: composing anew, or asking subgraphs for their schemas, would tie the gateway's start to theirs.
 */
import { Kind, parse, print, visit } from "graphql";

/** Subgraph name → URL of its GraphQL endpoint; those not named stay where they are. */
export type RoutingUrls = Readonly<Record<string, string>>;

export function routed(supergraph: string, urls: RoutingUrls): string {
  const known = new Set<string>();
  const document = visit(parse(supergraph), {
    Directive(node) {
      if (node.name.value !== "join__graph") return undefined;
      const values = new Map(
        node.arguments?.map(({ name, value }) => [name.value, value.kind === Kind.STRING ? value.value : ""]),
      );
      const name = values.get("name") ?? "";
      known.add(name);
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
  const strangers = Object.keys(urls).filter((name) => !known.has(name));
  if (strangers.length > 0) throw new Error(`Cannot route: the supergraph has no subgraph ${strangers.join(", ")}`);
  return print(document);
}
