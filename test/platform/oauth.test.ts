/** OAuth 2.0 tokens: credentials, refresh tokens and errors, against a token endpoint. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { createOAuthClient } from "../../subgraphs/platform/oauth.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Answers with `replies` in order, and keeps the requests. */
async function start(replies: readonly (readonly [status: number, body: object])[]) {
  const requests: { readonly authorization: string | undefined; readonly form: Readonly<Record<string, string>> }[] =
    [];
  const server = createServer(async (request, response) => {
    requests.push({
      authorization: request.headers.authorization,
      form: Object.fromEntries(new URLSearchParams(await text(request))),
    });
    const [status, body] = replies[requests.length - 1] ?? [500, {}];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = createOAuthClient({
    name: "accounts",
    tokenUrl: `http://127.0.0.1:${port}/token`,
    clientId: "id",
    clientSecret: "secret",
    refreshToken: "first",
    variables: { client: ["CLIENT"], grant: ["GRANT"], address: ["TOKEN_URL"] },
  });
  cleanups.push(
    () => server.close(),
    () => client.close(),
  );
  return { client, requests };
}

const token = (more: object = {}) => [200, { access_token: "t", expires_in: 60, ...more }] as const;
const authorization = `Basic ${Buffer.from("id:secret").toString("base64")}`;

it("a token of the client is fetched with its credentials", async () => {
  const { client, requests } = await start([token()]);
  expect(await client.clientCredentials()).toEqual({ accessToken: "t", expiresIn: 60 });
  expect(requests).toEqual([{ authorization, form: { grant_type: "client_credentials" } }]);
});

it.each([
  [400, { error: "invalid_grant" }, { renew: ["GRANT"], isMisdirected: false }],
  [401, { error: "invalid_client" }, { renew: ["CLIENT"], isMisdirected: false }],
  [403, {}, { renew: ["CLIENT"], isMisdirected: false }],
  [404, { error: "invalid_client" }, { renew: ["CLIENT"], isMisdirected: false }],
  [404, { error: "Not Found" }, { renew: ["TOKEN_URL"], isMisdirected: true }],
  [405, {}, { renew: ["TOKEN_URL"], isMisdirected: true }],
  [301, {}, { renew: ["TOKEN_URL"], isMisdirected: true }],
  [429, {}, { renew: undefined }],
  [503, {}, { renew: undefined }],
])("a refusal with %s and %j names what an operator has to change", async (status, body, expected) => {
  const { client } = await start([[status, body]]);
  await expect(client.refresh()).rejects.toMatchObject(expected);
});

it("a refresh token in a reply replaces the one in use", async () => {
  const { client, requests } = await start([token(), token({ refresh_token: "second" }), token()]);
  for (let round = 0; round < 3; round += 1) await client.refresh();
  expect(requests.map(({ form }) => form["refresh_token"])).toEqual(["first", "first", "second"]);
});

it.each([
  [{ error: "invalid_grant", error_description: "Refresh token revoked" }, ": invalid_grant: Refresh token revoked"],
  [{ error: "invalid_client" }, ": invalid_client"],
  [{ message: "something else" }, ""],
])("an error has the code and description of the reply: %j", async (body, detail) => {
  const { client } = await start([[400, body]]);
  await expect(client.refresh()).rejects.toMatchObject({
    message: `Cannot ask accounts: it answered 400${detail}`,
    upstream: "accounts",
    status: 400,
  });
});
