/**
 * Which supergraph does the gateway serve?
 *
 * The committed one. For a subgraph that does not listen where rover.yaml says, only the URL is replaced: composing at
 * start, from schemas that subgraphs are asked for, would make the gateway's start depend on theirs.
 */
import { Kind, parse, print, visit } from "graphql";
import type { DirectiveNode } from "graphql";
import { argumentOf } from "./engine/directives.ts";

/** Subgraph name → URL of its GraphQL endpoint; the others keep their URLs. */
export type RoutingUrls = Readonly<Record<string, string>>;

/** The URL of each subgraph of a supergraph, by name. */
export function routingUrls(supergraph: string): ReadonlyMap<string, string> {
  const urls = new Map<string, string>();
  visit(parse(supergraph, { noLocation: true }), {
    Directive(node) {
      if (node.name.value === "join__graph") urls.set(argumentOf(node, "name") ?? "", argumentOf(node, "url") ?? "");
    },
  });
  return urls;
}

/** Throws an Error for what is no supergraph, such as a schema that no subgraph answers. */
export function assertServable(supergraph: string): void {
  if (routingUrls(supergraph).size === 0) throw new Error("Cannot serve the supergraph: it names no subgraph");
}

/** Throws an Error that lists the names which are not subgraphs of the supergraph. */
export function routed(supergraph: string, urls: RoutingUrls): string {
  const names = routingUrls(supergraph);
  const unknown = Object.keys(urls).filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`Cannot route: the supergraph has no subgraph ${unknown.join(", ")}`);
  const document = visit(parse(supergraph, { noLocation: true }), {
    Directive(node) {
      const url = node.name.value === "join__graph" ? urls[argumentOf(node, "name") ?? ""] : undefined;
      return url === undefined ? undefined : withArgument(node, "url", url);
    },
  });
  return print(document);
}

function withArgument(node: DirectiveNode, name: string, text: string): DirectiveNode {
  return visit(node, {
    Argument: (argument) =>
      argument.name.value === name ? { ...argument, value: { kind: Kind.STRING, value: text } } : undefined,
  });
}
