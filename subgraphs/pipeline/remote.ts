/**
 * Which stages lead to the decision service?
 *
 *   equivalence ▸ cache (shared) ▸ ledger ▸ service ▸ OpenText
 *
 * Beside them are the versions that run there and the trust in them, by which asks are identified, and verification, which
 * asks the service again. The ledger sits behind the cache: it records evaluations, not answers.
 */
import { hash } from "node:crypto";
import type { Logger } from "pino";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import { cache } from "./cache.ts";
import { equivalence } from "./equivalence.ts";
import { createFit } from "./fit.ts";
import { createFactsIdentity, createIdentity } from "./identity.ts";
import type { Identify } from "./identity.ts";
import type { Ledger } from "./ledger.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { OpenTextAccount } from "./opentext/account.ts";
import { createOpenText } from "./opentext/client.ts";
import type { UpstreamHealth } from "../platform/health/health.ts";
import { createPatience } from "../platform/patience.ts";
import { createRefusedAccounts } from "../platform/refused-accounts.ts";
import type { RefusedAccounts } from "../platform/refused-accounts.ts";
import { createGuard } from "./service/guard.ts";
import type { Guard } from "./service/guard.ts";
import { service } from "./service/service.ts";
import { outcomeStore } from "./outcome-store.ts";
import { createTrust } from "./trust.ts";
import type { Trust } from "./trust.ts";
import { createVerification } from "./verify.ts";
import type { Verification } from "./verify.ts";
import { createVersions } from "./versions.ts";
import type { Versions } from "./versions.ts";

export interface RemoteOptions {
  readonly account: OpenTextAccount;
  readonly models: Models;
  readonly ledger: Pick<Ledger, "recorded">;
  /** The share of answers not given by the service that is compared with it, 0 to 1. Default 0. */
  readonly verifyShare?: number | undefined;
  /** Redis or Valkey, shared with other processes; memory where left out. */
  readonly cacheUrl?: string | undefined;
  readonly log: Logger;
  readonly accounts?: RefusedAccounts | undefined;
  readonly metrics: Metrics;
  /** Of OpenText. Default: nobody is told how its calls end. */
  readonly health?: UpstreamHealth | undefined;
  /** Told of each model whose running version is another than before. Default: nobody is. */
  readonly modelChanged?: ((model: string) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never decrease. */
  readonly elapsed: () => number;
  /** 0 to 1, without 1. */
  readonly random?: () => number;
}

export interface Remote {
  readonly decide: Decide;
  /** The same without the cache. */
  readonly evaluate: Decide;
  readonly identify: Identify;
  readonly identifyByFacts: Identify;
  readonly versions: Versions;
  readonly trust: Trust;
  readonly verification: Verification;
  readonly scheduler: Guard["scheduler"];
  readonly breakers: Guard["breakers"];
  close(): Promise<void>;
}

/** Who asks, in the ledger, where verification does. */
const VERIFICATION = "verification";

export function createRemote(options: RemoteOptions): Remote {
  const { account, models, ledger, verifyShare = 0, cacheUrl, log, metrics, health, now, elapsed, random } = options;
  const { accounts = createRefusedAccounts(elapsed) } = options;
  const patience = createPatience({ now: elapsed });
  const opentext = createOpenText({ ...account, connections: account.concurrency, now: elapsed, patience, health });
  const versions = createVersions({
    list: () => opentext.models(),
    models,
    namespace: account.namespace,
    intervalMs: account.versionIntervalMs,
    log,
    accounts,
    changed: options.modelChanged,
    now,
    elapsed,
  });
  const guard = createGuard({ ...account, perSecond: account.requestsPerSecond, patience, log, accounts, metrics });
  health?.limitedBy(() => guard.scheduler.budgets());
  const trust = createTrust({ models, versions, log, metrics, now });
  const evaluateBy = (calls: Pick<Guard, "batch">): Decide =>
    ledger.recorded(service({ opentext, models, versions, trust, guard: calls, log, now }));
  const evaluate = evaluateBy(guard);
  const verification = createVerification({
    share: verifyShare,
    ask: (ask, signal) =>
      only(evaluateBy({ batch: () => guard.background(signal) }), {
        ...ask,
        caller: VERIFICATION,
        isWanted: undefined,
        wave: undefined,
      }),
    scheduler: guard.scheduler,
    trust,
    log,
    metrics,
    ...(random && { random }),
  });
  const accountKey = `${hash("sha256", JSON.stringify([account.baseUrl, account.tenantId]), "base64url")}:`;
  const identifyByFacts = createFactsIdentity({ version: versions.running, account: accountKey });
  const identityBy = (version: (model: string) => number | undefined): Identify =>
    createIdentity({ models, version, covers: trust.covers, account: accountKey });
  const identify = identityBy(versions.running);
  const store = outcomeStore({ cacheUrl, log, metrics, now });
  const stored = {
    store,
    models,
    identify,
    identifyByFacts,
    fit: createFit({ models, isTableHere: trust.isTableHere }),
    identifyLast: identityBy(versions.last),
    since: versions.since,
    running: versions.running,
    now,
  };
  const cached = cache(evaluate, { ...stored, metrics });
  return {
    decide: equivalence(cached, {
      trust,
      recall: cache(unreachable, stored),
      timeoutMs: account.batchTimeoutMs,
    }),
    evaluate,
    identify,
    identifyByFacts,
    versions,
    trust,
    verification,
    scheduler: guard.scheduler,
    breakers: () => guard.breakers(),
    close,
  };

  async function close(): Promise<void> {
    versions.stop();
    await verification.close();
    await Promise.all([opentext.close(), store.close()]);
  }
}

/** Asks nobody. */
async function unreachable(asks: readonly Ask[]): Promise<readonly DecisionError[]> {
  return asks.map(({ model }) => new DecisionError("DECISION_UNAVAILABLE", model, "it is not asked", true));
}

async function only(decide: Decide, ask: Ask): Promise<Outcome | DecisionError> {
  const [result] = await decide([ask]);
  return result ?? new DecisionError("DECISION_UNAVAILABLE", ask.model, "no answer", true);
}
