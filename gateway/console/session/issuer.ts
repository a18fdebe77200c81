/**
 * How does somebody come by the issuer of tokens (OpenID Connect)?
 *
 * By an authorization code with PKCE: the page goes to the issuer and comes back with a code, which the gateway exchanges for
 * a token. So the page itself asks no other host. What it has to remember meanwhile stays in the tab.
 */
import { signIn, signOut } from "./session.ts";

export interface SignInSettings {
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly scope: string;
}

interface Begun {
  readonly state: string;
  readonly verifier: string;
  /** Where the page was. */
  readonly path: string;
}

const KEY = "decibel.sign-in";
const PATH = "/sign-in";
const NOT_BEGUN = "Signing in was not begun in this tab. Begin again.";

/** undefined where no issuer is configured. */
export function signInSettings(): SignInSettings | undefined {
  const text = document.querySelector<HTMLMetaElement>('meta[name="decibel-sign-in"]')?.content ?? "";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway writes it into the page
  return text === "" ? undefined : (JSON.parse(text) as SignInSettings);
}

/** Leaves the page. */
export async function begin({ authorizeUrl, clientId, scope }: SignInSettings): Promise<void> {
  const begun: Begun = { state: random(), verifier: random(), path: `${location.pathname}${location.search}` };
  sessionStorage.setItem(KEY, JSON.stringify(begun));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier));
  const url = new URL(authorizeUrl);
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: `${location.origin}${PATH}`,
    scope,
    state: begun.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Gives the path to go on at, once the issuer has sent somebody back; undefined where it has not. */
export async function end(): Promise<string | undefined> {
  if (location.pathname !== PATH) return undefined;
  const search = new URLSearchParams(location.search);
  const begun = readBegun();
  sessionStorage.removeItem(KEY);
  const problem = problemOf(search, begun);
  if (problem !== undefined || !begun) {
    signOut(problem ?? NOT_BEGUN);
    return begun?.path ?? "/";
  }
  const body = { code: search.get("code"), verifier: begun.verifier, redirectUri: `${location.origin}${PATH}` };
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/sign-in/token", { method: "POST", headers, body: JSON.stringify(body) })
    .then(readAnswer)
    .catch((): Exchanged => ({}));
  if (answer.token === undefined) signOut(answer.errors?.[0]?.message ?? "The gateway does not answer.");
  else signIn(answer.token);
  return begun.path;
}

interface Exchanged {
  readonly token?: string;
  readonly errors?: readonly { readonly message: string }[];
}

async function readAnswer(response: Response): Promise<Exchanged> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway's own
  return (await response.json()) as Exchanged;
}

function problemOf(search: URLSearchParams, begun: Begun | undefined): string | undefined {
  // Before anything else that the address says, which anybody may have written.
  if (!begun || search.get("state") !== begun.state) return NOT_BEGUN;
  const error = search.get("error_description") ?? search.get("error");
  if (error !== null) return `The issuer has refused: ${error}`;
  return search.get("code") === null ? NOT_BEGUN : undefined;
}

function readBegun(): Begun | undefined {
  const text = sessionStorage.getItem(KEY);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was written by `begin`
  return text === null ? undefined : (JSON.parse(text) as Begun);
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
