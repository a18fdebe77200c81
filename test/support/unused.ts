/** A dependency that the test does not use: any access throws. */
export function unused(): never {
  const dependency = new Proxy(
    {},
    {
      get: (_target, name) => {
        throw new Error(`the test does not provide ${String(name)}`);
      },
    },
  );
  return dependency as never;
}

/** For services that no list is filtered of. */
export const UNFILTERED = { eligibility: unused(), placements: unused() };
