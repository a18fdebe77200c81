/** `npm run outbox`: which effects failed, and what happens to them? See records/outbox/command.ts. */
import { OPENTEXT } from "./platform/environment.ts";
import { command } from "./records/command.ts";
import { outboxCommand, outboxRequest } from "./records/outbox/command.ts";
import { upstreams } from "./registry.ts";

/** Decisions fail by OpenText, and some effects by their decisions. */
const NAMES = [...Object.values(upstreams).map(({ settings }) => settings.name), OPENTEXT];

await command({
  assertUsage: (args) => outboxRequest(args, NAMES),
  run: (database, args) => outboxCommand(database, args, NAMES),
});
