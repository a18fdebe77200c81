/** What does a gateway's function get to answer, where a test says only what matters to it? */
import type { GraphQLRequest } from "../../gateway/http/graphql.ts";
import type { GraphQLParameters } from "../../gateway/http/parameters.ts";
import type { DocumentReference } from "../../gateway/limits/documents.ts";

export type AskedParameters = { readonly [name in keyof DocumentReference]?: string | undefined } & {
  readonly operationName?: string | undefined;
  readonly variables?: object;
  readonly asksCost?: boolean;
  readonly asksExplain?: boolean;
};

/** Without a document by default. */
export function requestOf(
  { variables = {}, ...asked }: AskedParameters,
  who: Pick<GraphQLRequest, "caller" | "responseType">,
): GraphQLRequest {
  const parameters: GraphQLParameters = { ...NOTHING_ASKED, ...asked, variables: { ...variables } };
  return { ...REQUEST, ...who, parameters, signal: new AbortController().signal };
}

const NOTHING_ASKED = {
  query: undefined,
  persistedHash: undefined,
  trustedHash: undefined,
  operationName: undefined,
  asksCost: false,
  asksExplain: false,
};
const REQUEST = { isDeferring: false, isReadOnly: false, requestId: "test", endsAt: Infinity };
