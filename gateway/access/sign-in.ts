/**
 * How does a code of the issuer become a token?
 *
 * The console sends the code that the issuer has sent its user back with, and what proves that it began it (PKCE). The
 * gateway exchanges them, so that the page asks no other host and a client's secret stays here. It keeps nothing: the token
 * is verified like any other when it comes with a request.
 */
import { z } from "zod";
import type { SignInSettings } from "../../subgraphs/platform/environment.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import { RequestError, badRequest } from "../http/request-error.ts";
import { cannotVerify } from "./refusals.ts";

export interface SignIn {
  /** The token. `body` is what the page has sent. Rejects with a RequestError. */
  exchange(body: unknown): Promise<string>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const Body = z.object({
  code: z.string().min(1).max(4096),
  verifier: z.string().regex(/^[\w~.-]{43,128}$/),
  redirectUri: z.url({ protocol: /^https?$/ }).max(2048),
});
const Reply = z.object({ access_token: z.string().min(1) });

export function createSignIn({ tokenUrl, clientId, clientSecret }: SignInSettings): SignIn {
  const { origin, pathname, search } = new URL(tokenUrl);
  const issuer = createUpstream({ name: "issuer", baseUrl: origin, timeoutMs: TIMEOUT_MS, connections: 4 });
  const headers =
    clientSecret === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString("base64")}` };
  return {
    close: () => issuer.close(),
    async exchange(body) {
      const { data } = Body.safeParse(body);
      if (!data) throw badRequest("Cannot sign in: expected a code, a verifier and a redirectUri");
      const { code, verifier, redirectUri } = data;
      const form = {
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        client_id: clientId,
      };
      try {
        const call = { method: "POST", path: `${pathname}${search}`, headers, form, reply: Reply } as const;
        return (await issuer.request(call)).body.access_token;
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        const isRefused =
          error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 429;
        if (!isRefused) throw cannotVerify("the issuer of tokens cannot be asked for one");
        throw new RequestError(
          401,
          "UNAUTHENTICATED",
          "Cannot sign in: the issuer does not accept the code; begin again",
        );
      }
    },
  };
}

/** Of the parts of HTTP Basic authentication (RFC 6749, 2.3.1). */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%20", "+");
}
