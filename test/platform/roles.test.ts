/** Which parts a process runs, by the arguments of its command. */
import { describe, expect, it } from "vitest";
import { readRoles } from "../../subgraphs/platform/roles.ts";

const SUBGRAPHS = ["campaigns", "episodes"];
const NONE = { isSplit: true, gateway: false, subgraphs: [], worker: false, sandboxes: false, signer: false };

describe("the roles of a process", () => {
  it.each([
    [[], { isSplit: false, gateway: true, subgraphs: SUBGRAPHS, worker: true, sandboxes: true, signer: false }],
    [["gateway"], { ...NONE, gateway: true }],
    [["subgraph", "episodes"], { ...NONE, subgraphs: ["episodes"] }],
    [["subgraph", "episodes", "campaigns", "episodes"], { ...NONE, subgraphs: ["episodes", "campaigns"] }],
    [["worker"], { ...NONE, worker: true }],
    [["signer"], { ...NONE, signer: true }],
    [["sandboxes"], { ...NONE, sandboxes: true }],
  ])("of %j", (args, roles) => {
    expect(readRoles(args, SUBGRAPHS)).toEqual(roles);
  });

  it.each([
    [["gatway"], 'Cannot start "gatway": there are only gateway, worker, sandboxes, signer, subgraph'],
    [["gateway", "campaigns"], "Cannot start the gateway: it takes no names, but got campaigns"],
    [["subgraph"], "Cannot start a subgraph: name one or more of campaigns, episodes"],
    [["subgraph", "episode"], "Cannot start subgraph episode: there are only campaigns, episodes"],
  ])("are refused in one sentence: %j", (args, message) => {
    expect(() => readRoles(args, SUBGRAPHS)).toThrow(new Error(message));
  });
});
