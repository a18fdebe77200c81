/** Which replica of a subgraph is asked, and what happens when it cannot be reached. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createReplicas } from "../../../gateway/transport/replicas.ts";
import type { ReplicaTransport } from "../../../gateway/transport/replicas.ts";
import { TransportError } from "../../../gateway/transport/transport.ts";
import type { SubgraphRequest } from "../../../gateway/transport/transport.ts";
import { ANYBODY } from "../../../subgraphs/platform/caller.ts";

const READ: SubgraphRequest = {
  query: "query($id: ID!){book(id: $id){title}}",
  variables: {},
  operationName: undefined,
  requestId: "r-1",
  caller: ANYBODY,
  readsAnew: false,
  endsAt: Infinity,
  signal: undefined,
};
const WRITE: SubgraphRequest = { ...READ, query: "mutation{wait}", readsAnew: true };
const unreachable = (code: string) => new TransportError("UNREACHABLE", { code });

interface Scripted extends ReplicaTransport {
  asked: number;
  leaves: number;
  failure: TransportError | undefined;
  /** Before it answers, or fails. */
  late: Promise<void> | undefined;
}

function replica(): Scripted {
  const one: Scripted = {
    asked: 0,
    leaves: Number.NEGATIVE_INFINITY,
    failure: undefined,
    late: undefined,
    leavesUntil: () => one.leaves,
    async send() {
      one.asked += 1;
      await one.late;
      if (one.failure) throw one.failure;
      return { data: {} };
    },
    close: async () => {},
  };
  return one;
}

/** So many replicas, and what asks them. */
function world(count: number) {
  const replicas = Array.from({ length: count }, replica);
  const [first, second] = replicas;
  if (!first) throw new RangeError("there must be a replica");
  const time = { now: 0 };
  const log = pino({ enabled: false });
  const transport = createReplicas(replicas, { subgraph: "titles", log, elapsed: () => time.now });
  const send = (request: SubgraphRequest) => transport.send(request);
  const sendMany = async (request: SubgraphRequest, times: number): Promise<void> => {
    for (let sent = 0; sent < times; sent += 1) await send(request).catch(() => {});
  };
  const asked = (): readonly number[] => replicas.map((one) => one.asked);
  return { first, second: second ?? first, time, send, sendMany, asked };
}

describe("the replicas of a subgraph", () => {
  it("are asked in turn", async () => {
    const { sendMany, asked } = world(3);
    await sendMany(READ, 9);
    expect(asked()).toEqual([3, 3, 3]);
  });

  it("are the same for all calls of an operation", async () => {
    const { send, asked } = world(2);
    for (const turn of [1, 1, 1, 2, 3]) await send({ ...READ, turn });
    expect(asked()).toEqual([1, 4]);
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET"])(
    "stand in for one another in a read, after %s",
    async (code) => {
      const { first, send } = world(2);
      first.failure = unreachable(code);
      for (let sent = 0; sent < 4; sent += 1) expect(await send(READ)).toEqual({ data: {} });
    },
  );

  it("stand in for one another in a mutation only if it was never sent", async () => {
    const { first, second, send, asked } = world(2);
    first.failure = second.failure = unreachable("ECONNREFUSED");
    await expect(send(WRITE)).rejects.toThrow(TransportError);
    expect(asked()).toEqual([1, 1]);
    first.failure = second.failure = unreachable("ECONNRESET");
    await expect(send(WRITE)).rejects.toThrow(TransportError);
    expect(first.asked + second.asked).toBe(3);
  });

  it("are not asked again after a timeout, or an answer that cannot be read", async () => {
    const { first, send, asked } = world(1);
    first.failure = new TransportError("TIMEOUT", {});
    await expect(send(READ)).rejects.toThrow("did not answer in time");
    first.failure = new TransportError("UNEXPECTED", { status: 502 });
    await expect(send(READ)).rejects.toThrow("answered unexpectedly");
    expect(asked()).toEqual([2]);
  });

  it("are left alone while they leave, where there is another", async () => {
    const { first, time, sendMany, asked } = world(2);
    first.leaves = 6000;
    await sendMany(READ, 6);
    expect(asked()).toEqual([0, 6]);
    time.now = 6001;
    await sendMany(READ, 4);
    expect(asked()).toEqual([2, 8]);
  });
});

describe("a single replica", () => {
  it("is asked twice, and no more while its circuit is open", async () => {
    const { first, time, send, sendMany, asked } = world(1);
    first.failure = unreachable("ECONNREFUSED");
    await sendMany(READ, 3);
    expect(asked()).toEqual([5]);
    await expect(send(READ)).rejects.toMatchObject({ failure: "UNREACHABLE", code: "CIRCUIT_OPEN" });
    expect(asked()).toEqual([5]);
    first.failure = undefined;
    time.now = 1000;
    expect(await send(READ)).toEqual({ data: {} });
    await sendMany(READ, 2);
    expect(asked()).toEqual([8]);
  });

  it("is asked on while one operation takes too long and it answers others, and not if it answers none", async () => {
    const { first, send } = world(1);
    const slow = async (isAnswering: boolean) => {
      const late = Promise.withResolvers<void>();
      first.late = late.promise;
      const asked = Array.from({ length: 5 }, () => send(READ));
      first.late = undefined;
      if (isAnswering) await send(READ);
      first.failure = new TransportError("TIMEOUT", {});
      late.resolve();
      for (const { status } of await Promise.allSettled(asked)) expect(status).toBe("rejected");
      first.failure = undefined;
    };
    await slow(true);
    expect(await send(READ)).toEqual({ data: {} });
    await slow(false);
    await expect(send(READ)).rejects.toMatchObject({ code: "CIRCUIT_OPEN" });
  });
});
