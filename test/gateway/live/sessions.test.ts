/** How many subscriptions a caller may have. */
import { expect, it } from "vitest";
import { createSessions } from "../../../gateway/live/sessions.ts";
import { ANYBODY } from "../../../subgraphs/platform/caller.ts";
import { NOW } from "../../support/now.ts";

const from = (address: string) => ({
  event: "effectChanged",
  caller: ANYBODY,
  subscriber: { address, identify: async () => ANYBODY },
});

it("counts the addresses of one network as one caller, and gives back what has ended", () => {
  const sessions = createSessions({ perCaller: 1, now: () => NOW });
  const first = sessions.begin(from("2001:db8::1"));
  expect(() => sessions.begin(from("2001:db8::ffff"))).toThrow("LIMIT_SUBSCRIPTIONS");
  sessions.begin(from("2001:db8:0:1::1"));
  first.end("left");
  sessions.begin(from("2001:db8::ffff"));
  expect(sessions.count).toBe(2);
  sessions.close();
});
