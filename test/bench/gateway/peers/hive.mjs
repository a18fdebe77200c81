// Hive Gateway: `node hive.mjs SUPERGRAPH_FILE PORT [rust]`, with its planner in JavaScript or in Rust.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";

const [file, port, planner] = process.argv.slice(2);
const supergraph = await readFile(file, "utf8");
const unifiedGraphHandler =
  planner === "rust" ? (await import("@graphql-hive/router-runtime")).unifiedGraphHandler : undefined;
const gateway = createGatewayRuntime({
  supergraph,
  logging: false,
  landingPage: false,
  ...(unifiedGraphHandler && { unifiedGraphHandler }),
});
createServer(gateway).listen(Number(port), "127.0.0.1", () =>
  process.stdout.write(`http://127.0.0.1:${port}/graphql\n`),
);
