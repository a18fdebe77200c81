import { describe, expect, it } from "vitest";
import { createTokenBucket } from "../../subgraphs/platform/token-bucket.ts";

function bucketAt(capacity: number, perSecond: number) {
  let clock = 1000;
  const bucket = createTokenBucket({ capacity, perSecond, now: () => clock });
  return { bucket, pass: (ms: number) => (clock += ms) };
}

describe("token bucket", () => {
  it("starts full and gives the milliseconds until the next token once it is empty", () => {
    const { bucket, pass } = bucketAt(2, 5);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 200]);
    pass(150);
    expect(bucket.take()).toBe(50);
    pass(50);
    expect([bucket.take(), bucket.take()]).toEqual([0, 200]);
  });

  it("refills up to its capacity", () => {
    const { bucket, pass } = bucketAt(10, 5);
    bucket.take(10);
    pass(1000);
    expect(bucket.available).toBe(5);
    pass(60_000);
    expect(bucket.available).toBe(10);
  });

  it("takes several tokens at once, or none where there are too few", () => {
    const { bucket } = bucketAt(10, 2);
    expect([bucket.take(7), bucket.take(4), bucket.available]).toEqual([0, 500, 3]);
  });

  it("never has more tokens than its capacity", () => {
    const { bucket } = bucketAt(10, 2);
    expect([bucket.take(11), bucket.available]).toEqual([Number.POSITIVE_INFINITY, 10]);
  });

  it("neither refills nor empties while the clock is set back", () => {
    const { bucket, pass } = bucketAt(10, 5);
    bucket.take(5);
    pass(-3_600_000);
    expect(bucket.available).toBe(5);
    pass(1000);
    expect(bucket.available).toBe(10);
  });
});
