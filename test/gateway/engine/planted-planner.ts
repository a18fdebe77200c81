/** A planner with the defects that the one in Rust has on some operations: an operation's text says which. */
import { pbkdf2 } from "node:crypto";
import process from "node:process";
import type { QueryPlan } from "@graphql-hive/router-query-planner";
import { serve } from "../../../gateway/engine/planner-child.ts";

await serve(async () => (sdl) => {
  if (sdl === "invalid") throw new Error("planted: invalid supergraph");
  return { planAsync: (document) => plan(document) };
});

async function plan(document: string): Promise<QueryPlan> {
  switch (document) {
    case "abort":
      process.stderr.write("planted panic\n");
      return process.abort();
    case "exit":
      return process.exit(0);
    case "hang":
      return new Promise(() => {});
    case "loop":
      for (;;);
    case "burn":
      // On one of libuv's threads, as the one in Rust plans.
      return new Promise((resolve) => pbkdf2("", "", 2 ** 31 - 1, 64, "sha512", () => resolve({ kind: "QueryPlan" })));
    case "garbage":
      process.send?.("garbage");
      return new Promise(() => {});
    case "nonsense":
      return JSON.parse('{"kind":"nonsense"}') as QueryPlan;
    case "flags":
      return fetching(JSON.stringify([process.execArgv, Object.keys(process.env)]));
    case "invalid":
      throw new Error("planted: invalid operation");
    default:
      return fetching(document);
  }
}

function fetching(operation: string): QueryPlan {
  return { kind: "QueryPlan", node: { kind: "Fetch", serviceName: "planted", operation } };
}
