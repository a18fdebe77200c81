/** How does the sandbox replace the CRM? */
import type { CrmOptions } from "../../sources/crm/client.ts";
import type { SandboxWorld, SandboxedUpstream } from "../sandboxed-upstream.ts";
import { SANDBOX_SECRET, createCrmSandbox } from "./server.ts";

export function sandboxedCrm({ now }: SandboxWorld): SandboxedUpstream<CrmOptions> {
  return {
    sandbox: createCrmSandbox({ now }),
    // Both use one clock, or the sandbox would reject every signature as old.
    account: (origin) => ({ url: `${origin}/leads`, secret: SANDBOX_SECRET, now }),
  };
}
