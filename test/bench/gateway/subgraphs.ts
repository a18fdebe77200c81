/** The subgraphs of the bench, in one process: `node subgraphs.js`. Prints their URLs as JSON. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SUBGRAPHS } from "./world.ts";
import type { SubgraphName } from "./world.ts";
import { createFastExecutor } from "./executor.ts";

const delayMs = Number(process.argv[2] ?? 0);
const urls: Record<string, string> = {};
for (const name of SUBGRAPHS) urls[name] = await serve(name);
process.stdout.write(`${JSON.stringify(urls)}\n`);

async function serve(name: SubgraphName): Promise<string> {
  const execute = createFastExecutor(name);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: object };
    const answer = JSON.stringify(await execute(query, variables));
    if (delayMs > 0) await sleep(delayMs);
    response.writeHead(200, { "content-type": "application/json" }).end(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}
