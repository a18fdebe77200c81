/**
 * Decibel's gateway over the bench's subgraphs: `node decibel.js SUPERGRAPH_FILE PORT [embedded]`. Embedded, it runs the
 * subgraphs itself and calls them as Decibel calls those of its process.
 */
import { readFile } from "node:fs/promises";
import { pino } from "pino";
import { createGateway } from "../../../gateway/gateway.ts";
import { createMemoryTransport } from "../../../gateway/transport/memory.ts";
import { createExecuteCompiled } from "../../../subgraphs/server/compiled.ts";
import { createLogErrors } from "../../../subgraphs/server/errors.ts";
import { createLocalExecutor } from "../../../subgraphs/server/local-executor.ts";
import { benchSchema } from "./executor.ts";
import { SUBGRAPHS } from "./world.ts";

const [file = "", port = "0", mode] = process.argv.slice(2);
const log = pino({ level: "warn" });
const transports = new Map(
  mode === "embedded"
    ? SUBGRAPHS.map((name) => {
        const schema = benchSchema(name);
        const options = { schema, execute: createExecuteCompiled(schema), log, logErrors: createLogErrors() };
        return [name, createMemoryTransport(createLocalExecutor(options))] as const;
      })
    : [],
);
const gateway = await createGateway({ supergraph: await readFile(file, "utf8"), transports, log });
process.stdout.write(`${await gateway.listen(Number(port))}\n`);
