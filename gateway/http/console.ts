/**
 * How do browsers get the console?
 *
 * Its page at `/` and at the paths of its parts, whatever is below them: the page reads its path itself. What the page loads
 * never changes under its name, so browsers keep it for good; the page itself is asked for each time, and mostly not sent
 * again. A browser that goes to any other path gets the page too, which says that there is nothing. The page may run our
 * scripts alone and talk to this gateway alone, whatever somebody may bring into it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import Negotiator from "negotiator";
import { ENCODINGS, htmlOf } from "./console-files.ts";
import type { ConsoleFiles, Content } from "./console-files.ts";
import { HTML_TYPE, JSON_TYPE, preferredType } from "./media-types.ts";
import { RequestError } from "./request-error.ts";

/** What the page is told of how people sign in; JSON in a `<meta>` of it. */
export interface SignInPage {
  /** Where the issuer of tokens asks people who they are. */
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly scope: string;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");
const PAGE_HEADERS = {
  "content-security-policy": POLICY,
  "cache-control": "no-cache",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
};
const ASSET_HEADERS = { "cache-control": "public, max-age=31536000, immutable" };
/** In the page, to be filled in. */
const SIGN_IN = '<meta name="decibel-sign-in" content=""';

/** Of a code of the issuer; rejects with a RequestError. */
export type Exchange = (body: unknown, address: string) => Promise<string>;

export interface ConsoleOptions extends Omit<ConsoleFiles, "playground"> {
  /** Default: people bring a token. */
  readonly signIn?: (SignInPage & { readonly exchange: Exchange }) | undefined;
}

/** Where the page sends a code. */
const EXCHANGE = "/sign-in/token";

export function serveConsole(app: FastifyInstance, { pages, page, assets, signIn }: ConsoleOptions): void {
  if (signIn) {
    app.post(EXCHANGE, async (request, reply) => {
      reply.header("cache-control", "no-store");
      try {
        return await reply.send({ token: await signIn.exchange(request.body, request.ip) });
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        return reply.code(error.status).headers(error.headers).send(error.toResponse());
      }
    });
  }
  const html = filled(page, signIn);
  for (const path of pages) {
    for (const url of path === "/" ? [path] : [path, `${path}/*`])
      get(url, (request, reply) => send(request, reply.headers(PAGE_HEADERS), html));
  }
  for (const [path, content] of assets)
    get(path, (request, reply) => send(request, reply.headers(ASSET_HEADERS), content));

  function get(url: string, handler: (request: FastifyRequest, reply: FastifyReply) => FastifyReply): void {
    app.route({ method: ["GET", "HEAD"], url, handler });
  }
}

/** Answers browsers that go to a path where nothing is, and nobody else. */
export function createNotFound({ page, signIn }: { readonly page: string; readonly signIn?: SignInPage | undefined }) {
  const html = filled(page, signIn);
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    const { method, headers } = request;
    const isAsked = preferredType(headers.accept, [JSON_TYPE, HTML_TYPE]) === HTML_TYPE;
    if (!isAsked || (method !== "GET" && method !== "HEAD")) return undefined;
    return sendEncoded(request, reply.code(404).headers({ ...PAGE_HEADERS, vary: "accept, accept-encoding" }), html);
  };
}

function filled(page: string, signIn: SignInPage | undefined): Content {
  return htmlOf(signIn ? page.replace(SIGN_IN, () => SIGN_IN.replace('""', attribute(signIn))) : page);
}

function send(request: FastifyRequest, reply: FastifyReply, content: Content): FastifyReply {
  const { etag } = content;
  reply.headers({ etag, vary: "accept-encoding" });
  if (request.headers["if-none-match"]?.includes(etag) === true) return reply.code(304).send();
  return sendEncoded(request, reply, content);
}

function sendEncoded(request: FastifyRequest, reply: FastifyReply, { type, encoded }: Content): FastifyReply {
  const accepted = new Negotiator(request.raw).encodings([...ENCODINGS]);
  const encoding = ENCODINGS.find((one) => accepted.includes(one)) ?? "identity";
  if (encoding !== "identity") reply.header("content-encoding", encoding);
  return reply.type(type).send(encoded[encoding]);
}

function attribute({ authorizeUrl, clientId, scope }: SignInPage): string {
  return `"${JSON.stringify({ authorizeUrl, clientId, scope }).replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"`;
}
