/** How does the sandbox take the place of the CRM that is told of leads? */
import type { CrmOptions } from "../../sources/crm/client.ts";
import type { SandboxWorld, StandIn } from "../stand-in.ts";
import { SANDBOX_SECRET, createCrmSandbox } from "./server.ts";

export function crmStandIn({ now }: SandboxWorld): StandIn<CrmOptions> {
  return {
    sandbox: createCrmSandbox({ now }),
    // Both go by one clock, or the sandbox would take every lead for an old one.
    account: (origin) => ({ url: `${origin}/leads`, secret: SANDBOX_SECRET, now }),
  };
}
