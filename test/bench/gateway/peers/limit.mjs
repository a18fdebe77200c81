// The limit: a program written for this one query, which fetches, joins and answers. `node limit.mjs URLS_JSON PORT`.
import { createServer } from "node:http";
import { Pool } from "undici";

const [urls, port] = [JSON.parse(process.argv[2]), Number(process.argv[3])];
const pools = Object.fromEntries(
  Object.entries(urls).map(([name, url]) => [
    name,
    { pool: new Pool(new URL(url).origin, { connections: 64 }), url: new URL(url) },
  ]),
);
const ROOT = "query($seed:ID!){campaigns(seed:$seed){__typename id name status budget episodes{__typename id}}}";
const EPISODES =
  "query($representations:[_Any!]!){_entities(representations:$representations){...on Episode{title durationMs explicit}}}";
const DECISIONS =
  "query($a:[_Any!]!,$b:[_Any!]!){a:_entities(representations:$a){...on Campaign{targeting{verdict score}}}b:_entities(representations:$b){...on Episode{publishing{verdict score}}}}";

async function ask(name, query, variables) {
  const { pool, url } = pools[name];
  const { body } = await pool.request({
    method: "POST",
    path: url.pathname,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data } = await body.json();
  return data;
}

async function answer(seed) {
  const { campaigns } = await ask("campaigns", ROOT, { seed });
  const a = campaigns.map(({ id }) => ({ __typename: "Campaign", id }));
  const all = campaigns.flatMap(({ episodes }) => episodes);
  const b = all.map(({ id }) => ({ __typename: "Episode", id }));
  const [facts, decided] = await Promise.all([
    ask("episodes", EPISODES, { representations: b }),
    ask("decisions", DECISIONS, { a, b }),
  ]);
  let at = 0;
  return {
    campaigns: campaigns.map(({ id, name, status, budget, episodes }, index) => ({
      id,
      name,
      status,
      budget,
      targeting: decided.a[index].targeting,
      episodes: episodes.map((episode) => {
        const { title, durationMs, explicit } = facts._entities[at];
        const { publishing } = decided.b[at];
        at += 1;
        return { id: episode.id, title, durationMs, explicit, publishing };
      }),
    })),
  };
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { variables } = JSON.parse(Buffer.concat(chunks).toString());
  const data = await answer(variables.seed);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data }));
}).listen(port, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${port}/graphql\n`));
