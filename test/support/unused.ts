/** A part that the test does not get to: whatever is asked of it is an error that says so. */
export function unused(): never {
  const part = new Proxy(
    {},
    {
      get: (_part, name) => {
        throw new Error(`this test has no ${String(name)}`);
      },
    },
  );
  return part as never;
}
