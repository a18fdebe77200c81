/** How do several rows make one value of an output? */

/**
 * How the rows of the winning verdict make one value of an output: the text of the first row that has one, the items of all
 * rows' comma-separated texts, the lowest or the highest number, or what stands beside the first text of another output.
 */
export type OutputWay = "first" | "list" | "lowest" | "highest" | { readonly beside: string };
export type OutputWays = Readonly<Record<string, OutputWay>>;
