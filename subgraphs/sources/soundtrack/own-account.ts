/**
 * May our account read one of the accounts that are listed as its own?
 *
 * An object that is forbidden is not ours. If an account of ours is forbidden too, ours is refused, and nothing is known of the
 * object.
 */
import { z } from "zod";
import type { Upstream } from "../../platform/upstream.ts";

const LIST = "{ me { ... on PublicAPIClient { accounts(first: 1) { edges { node { id } } } } } }";
const Node = z.object({ node: z.object({ id: z.string() }).nullish() });
const Own = z.object({ accounts: z.object({ edges: z.array(Node).nullish() }).nullish() });
const ListReply = z.object({ data: z.object({ me: Own.nullish() }).nullish() });
const AccountReply = z.object({ data: z.object({ account: z.unknown() }).nullish() });

export async function mayReadOwnAccount({ request }: Pick<Upstream, "request">): Promise<boolean> {
  const list = await request({ method: "POST", path: "", json: { query: LIST }, reply: ListReply });
  const id = list.body.data?.me?.accounts?.edges?.[0]?.node?.id;
  if (id === undefined) return false;
  const json = { query: "query ($i: ID!) { account(id: $i) { id } }", variables: { i: id } };
  const { body } = await request({ method: "POST", path: "", json, reply: AccountReply });
  return (body.data?.account ?? null) !== null;
}
