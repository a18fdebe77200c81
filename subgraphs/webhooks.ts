/** `npm run webhooks`: who is told of events, and what were they not told? See records/webhooks/command.ts. */
import { readEndpoints, variables } from "./platform/environment.ts";
import { runCommand, withDatabase } from "./records/command.ts";
import { webhooksCommand } from "./records/webhooks/command.ts";
import { createEndpointClient } from "./records/webhooks/work.ts";

await runCommand((args) =>
  webhooksCommand(args, {
    endpoints: readEndpoints(variables),
    withDatabase,
    connect: (endpoint) => createEndpointClient(endpoint, Date.now),
    now: Date.now,
  }),
);
