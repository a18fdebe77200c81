/** Decibel over sandboxes, on any free ports: `node decibel.js SCALE DATA_DIR [DATABASE_URL]`. Prints the gateway's URL. */
import { pino } from "pino";
import { startDecibel } from "../../../subgraphs/decibel.ts";
import { readEnvironment } from "../../../subgraphs/platform/environment.ts";
import { configurable } from "../../../subgraphs/registry.ts";
import { ANY_PORTS } from "../../support/decibel.ts";

const [scale = "1", directory = "", database] = process.argv.slice(2);
const variables = {
  ...ANY_PORTS,
  DATA_DIR: directory,
  SANDBOX_SCALE: scale,
  ...(database !== undefined && { DATABASE_URL: database }),
};
const environment = readEnvironment(variables, configurable);
const decibel = await startDecibel(environment, pino({ level: "error" }, pino.destination(2)));
process.stdout.write(`${decibel.url}\n`);
process.on("message", () => void decibel.stop().then(() => process.send?.("stopped")));
