/**
 * How is it known what the last request of the playground took?
 *
 * Each of them asks for it, and its answer is handed on without it, so that GraphiQL shows what its user has asked for. A caller who
 * may not have it is refused before anything is executed, and asks again without.
 */
import type { Explain } from "../graph/explain.ts";
import { createStore } from "../parts/store.ts";

/** undefined before the first one, and after one that was not explained. */
export const lastExplain = createStore<Explain | undefined>(undefined);

const REFUSED = 403;
/** GraphiQL's own. */
const INTROSPECTION = "IntrospectionQuery";

interface Body extends Readonly<Record<string, unknown>> {
  readonly extensions?: { readonly explain?: Explain; readonly [name: string]: unknown };
}

export function explainRequests(): void {
  const send = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (to, init) => {
    const explained = explaining(init);
    if (!explained) return send(to, init);
    const response = await send(to, explained);
    return response.status === REFUSED ? send(to, init) : told(response);
  };
}

/** The same request with the extension; undefined for one that is none of its user. */
function explaining(init: RequestInit | undefined): RequestInit | undefined {
  if (init?.method !== "POST" || typeof init.body !== "string") return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- GraphiQL sends an object
  const body = JSON.parse(init.body) as Body;
  if (typeof body["query"] !== "string" || body["operationName"] === INTROSPECTION) return undefined;
  return { ...init, body: JSON.stringify({ ...body, extensions: { ...body.extensions, explain: true } }) };
}

async function told(response: Response): Promise<Response> {
  // One in parts, or a stream of events, is shown as it is.
  if (response.headers.get("content-type")?.includes("json") !== true) return response;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway that serves this page answers it
  const { extensions, ...body } = (await response.json()) as Body;
  const { explain, ...others } = extensions ?? {};
  lastExplain.set(explain);
  const rest = Object.keys(others).length > 0 ? { ...body, extensions: others } : body;
  const { status, headers } = response;
  return new Response(JSON.stringify(rest), { status, headers: { "content-type": headers.get("content-type") ?? "" } });
}
