/** How does a process get a signing proxy, for a router that is not ours? */
import { OPEN, createAccess, noKeys } from "../gateway/access/access.ts";
import { hostsFor } from "../gateway/gateway.ts";
import { createSigningProxy } from "../gateway/signing-proxy.ts";
import { transportsTo } from "../gateway/transport/transports.ts";
import { frontRecords } from "./front.ts";
import type { FrontOptions } from "./front.ts";
import { listening } from "./platform/listen.ts";
import { serveProbes } from "./server/probes.ts";

export interface SignerPart {
  readonly url: string;
  /** From now on every answer ends its connection, so that routers leave. */
  leave(): void;
}

export type SignerOptions = Pick<
  FrontOptions,
  "environment" | "routes" | "secrets" | "readiness" | "log" | "clock" | "own"
>;

export async function startSigner(options: SignerOptions): Promise<SignerPart> {
  const { environment, routes, secrets, readiness, log, clock, own } = options;
  const { tokens, host, signerPort: port, allowedHosts, limits } = environment;
  const ofDatabase = { environment, database: undefined, events: undefined, hearsEvents: false, log, clock, own };
  const { findKey = noKeys } = tokens ? await frontRecords(ofDatabase) : {};
  const access = own(tokens ? createAccess({ settings: tokens, findKey, log, ...clock }) : OPEN);
  const transports = transportsTo(routes, { secrets, now: clock.now, log });
  for (const transport of transports.values()) own(transport);
  const proxy = own(
    createSigningProxy({
      transports,
      identify: access.identify,
      host,
      allowedHosts: hostsFor(host, allowedHosts),
      limits,
      probes: (app) => serveProbes(app, { readiness }),
      log,
    }),
  );
  const url = await listening("signer", port, "SIGNER_PORT", () => proxy.listen(port, ""));
  return { url, leave: () => proxy.leave() };
}
