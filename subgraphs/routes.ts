/**
 * Where does a process find the subgraphs that other processes run?
 *
 * Where its variables say, each replica by its own URL or all of them by one; else where rover.yaml says, which is this
 * machine, at the subgraph's own port if it has one.
 */
import { join } from "node:path";
import { readRover } from "../schema/rover.ts";
import { projectRoot, variables } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";

/** Subgraph name → the GraphQL endpoints of its replicas. */
export type Routes = Readonly<Record<string, readonly string[]>>;

export function routesOf({ subgraphUrls, subgraphPorts }: Environment): Routes {
  const { subgraphs } = readRover(join(projectRoot(), "rover.yaml"), variables);
  return Object.fromEntries(
    subgraphs.map(({ name, routingUrl }) => [name, subgraphUrls[name] ?? [atPort(routingUrl, subgraphPorts[name])]]),
  );
}

function atPort(routingUrl: string, port: number | undefined): string {
  if (port === undefined) return routingUrl;
  const url = new URL(routingUrl);
  url.port = String(port);
  return url.href;
}
