/**
 * Which models does one reply of OpenText's model list name, and how many more are there?
 *
 * Nobody published that reply, so three shapes are read: HAL, as the sibling services answer
 * (`{_embedded: {…: […]}, page: {number, totalElements}}`), Flowable's `{data: […], start, total}`, and a bare list. What
 * a model itself must have is not negotiable: a key, and a version that can be compared.
 */
import { z } from "zod";

export interface OpenTextModel {
  readonly key: string;
  readonly version: number;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface Listing {
  readonly models: readonly OpenTextModel[];
  /** How many there are on all pages. */
  readonly total: number;
  /** The query parameter that turns the pages, */
  readonly turnedBy: "page" | "start";
  /** what it is here, */
  readonly at: number;
  /** and what it is on the next page. */
  readonly next: number;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const Model = z.object({
  key: z.string().min(1),
  version: z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]),
  id: text,
  name: text,
  description: text,
  namespace: text,
});

const count = z.int().min(0).optional();
const List = z.array(Model).transform((models) => listing(models, "page"));
const Flowable = z
  .object({ data: z.array(Model), total: count, start: count })
  .transform(({ data, total, start }) => listing(data, "start", total, start));
const Hal = z
  .object({
    // Left out where there is nothing to embed. Its key is anybody's guess.
    _embedded: z.record(z.string(), z.array(Model)).default({}),
    page: z.object({ totalElements: count, number: count }).default({}),
  })
  .refine(
    ({ _embedded, page }) => Object.keys(_embedded).length === 1 || page.totalElements === 0,
    "expected a list of models",
  )
  .transform(({ _embedded, page }) =>
    listing(Object.values(_embedded).flat(), "page", page.totalElements, page.number),
  );

/** A reply of the model list, whichever its shape. */
export const ListReply: z.ZodType<Listing> = z.unknown().transform((body, context) => {
  const isFlowable = typeof body === "object" && body !== null && "data" in body;
  const shape = Array.isArray(body) ? List : isFlowable ? Flowable : Hal;
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) context.addIssue({ code: "custom", path, message });
  return z.NEVER;
});

function listing(models: readonly OpenTextModel[], turnedBy: "page" | "start", total = models.length, at = 0): Listing {
  return { models, total, turnedBy, at, next: turnedBy === "page" ? at + 1 : at + models.length };
}
