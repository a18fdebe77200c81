/**
 * Is a refusal about the call, or about our account?
 *
 * A 401 is about our account. Any other refusal may be about either: an account that may do nothing gets 403 for everything,
 * and one that is asked for at a wrong address, or under a wrong id, 404. Of the upstreams only Spotify Web documents a
 * message that tells (`refused`). So after a refusal a probe is asked: a read that works for every account that is right.
 *
 * - It is refused too: our account has to be renewed.
 * - It is answered in another way than 2xx, such as 404 or with a redirection: nothing is wrong with the call, but with the
 *   address or the id of our account.
 * - It works: the refusal is about the call. Only 403 stays doubtful, because an account that may read, and not write, gets
 *   it for every write: whether it is that one shows by other writes alone (see outbox/refusals.ts).
 *
 * The price is one more request after a refusal; refusals at the same time share it.
 */
import type { UpstreamErrorDetails } from "./upstream-error.ts";

export interface AccountOptions<Probe> {
  /** The variables of the credentials that an operator renews where the upstream refuses our account. */
  readonly credentials?: readonly string[];
  /**
   * Those of its address and id, which an operator corrects where the upstream does not know our account. Default: the probe
   * is asked only after a 403, and one that works ends the doubt: for an upstream that is not written to.
   */
  readonly address?: readonly string[];
  /** What a refusal says itself about our account. Default: that `credentials` are refused, for every 401. */
  readonly refused?: (status: number, detail: string | undefined) => AboutAccount | undefined;
  /** A read that our account may always make. Default: none, so a refusal is about the call. */
  readonly probe?: Probe;
}

export type AboutAccount = Pick<UpstreamErrorDetails, "renew" | "isMisdirected" | "doubted" | "retryable">;

/** Of a call that is refused for now. */
const TEMPORARY = new Set([408, 425, 429]);
/** Of an account: its credentials, its rights, its payment. */
const REFUSED = new Set([401, 402, 403, 407]);

/** `ask` gives the status of a probe; undefined where there is no answer. */
export function createAccountCheck<Probe>(
  { credentials = [], address, refused, probe }: AccountOptions<Probe>,
  ask: (probe: Probe) => Promise<number | undefined>,
): (status: number, detail: string | undefined) => Promise<AboutAccount> {
  let probing: Promise<number | undefined> | undefined;

  return async (status, detail) => {
    const about = refused?.(status, detail);
    if (about !== undefined) return about;
    if (status === 401) return { renew: credentials };
    if (!probe || status < 300 || status >= 500 || TEMPORARY.has(status)) return {};
    if (address === undefined && status !== 403) return {};
    const probed = await (probing ??= ask(probe).finally(() => (probing = undefined)));
    if (probed === undefined || probed >= 500 || TEMPORARY.has(probed)) return { retryable: true };
    if (REFUSED.has(probed)) return { renew: credentials };
    if (address === undefined) return {};
    if (probed >= 300) return { renew: address, isMisdirected: true };
    return status === 403 ? { doubted: credentials } : {};
  };
}
