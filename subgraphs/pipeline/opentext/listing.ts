/**
 * Which models are on one page of OpenText's model list, and how many more are there?
 *
 * The format of the list is not documented, so three are read: HAL, which the sibling services use
 * (`{_embedded: {…: […]}, page: {number, totalElements}}`), Flowable's `{data: […], start, total}`, and a bare list. A
 * model must have a key, and a version that can be compared.
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
  /** On all pages. */
  readonly total: number;
  /** The query parameter that selects a page. */
  readonly pagedBy: "page" | "start";
  /** Its value for this page, and for the next one. */
  readonly current: number;
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
    // Left out where there are no models. The name of its key is unknown.
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

/** A page of the model list, in any of the formats. */
export const ListReply: z.ZodType<Listing> = z.unknown().transform((body, context) => {
  const isFlowable = typeof body === "object" && body !== null && "data" in body;
  const shape = Array.isArray(body) ? List : isFlowable ? Flowable : Hal;
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) context.addIssue({ code: "custom", path, message });
  return z.NEVER;
});

function listing(
  models: readonly OpenTextModel[],
  pagedBy: "page" | "start",
  total = models.length,
  current = 0,
): Listing {
  return { models, total, pagedBy, current, next: current + (pagedBy === "page" ? 1 : models.length) };
}
