/** How does a test say who is told of events? In a file, as an operator does; the secrets are in variables. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventType } from "../../schema/event-type.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import type { Receiver } from "./receiver.ts";

export interface TestEndpoint {
  readonly receiver: Receiver;
  readonly secret: string;
  readonly events: readonly EventType[];
  readonly fulfils?: boolean;
}

export interface WebhooksFile {
  /** Of a process that reads it. */
  readonly variables: Variables;
  remove(): Promise<void>;
}

export async function writeWebhooks(endpoints: Readonly<Record<string, TestEndpoint>>): Promise<WebhooksFile> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-webhooks-"));
  const file = join(folder, "webhooks.yaml");
  const named = Object.entries(endpoints);
  const lines = named.flatMap(([name, { receiver, events, fulfils = false }], index) => [
    `  ${name}:`,
    `    url: ${receiver.url}`,
    `    secret: \${SECRET_${index}}`,
    `    events: [${events.join(", ")}]`,
    `    fulfils: ${fulfils}`,
  ]);
  await writeFile(file, ["endpoints:", ...lines, ""].join("\n"));
  const secrets = named.map(([, { secret }], index) => [`SECRET_${index}`, secret]);
  return {
    variables: { WEBHOOKS_FILE: file, ...Object.fromEntries(secrets) },
    remove: () => rm(folder, { recursive: true }),
  };
}
