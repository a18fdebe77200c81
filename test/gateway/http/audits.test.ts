/** The gateway passes all audits of GraphQL over HTTP, those of what a server MAY and SHOULD do included. */
import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";

let gateway: SmallGateway;
beforeAll(async () => {
  gateway = await startSmallGateway();
});
afterAll(() => gateway.close());

const AUDITS = serverAudits({ url: () => gateway.url, fetchFn: fetch });

describe("GraphQL over HTTP", () => {
  it("has 61 audits", () => expect(AUDITS).toHaveLength(61));

  it.each(AUDITS.map((audit) => [audit.id, audit.name, audit] as const))("%s %s", async (_id, _name, audit) => {
    const result = await audit.fn();
    expect(result).toMatchObject({ status: "ok" });
  });
});
