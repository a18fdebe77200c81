/**
 * Which models does the OpenText sandbox run, and how does it list them?
 *
 * Versions are numbered by deployment, as the service does it, whatever a file says: the tables at the start are the first
 * deployment of each. What the list looks like is not known, so `/sandbox/behaviour` changes it.
 *   GET  /sandbox/tables                the deployed tables: `[{key, version, rules}]`
 *   PUT  /sandbox/tables                deploys a file, `.otdt`, as an operator does: the next version of its key
 *   PUT  /sandbox/tables/{key}/version  `{version}`: reports another version, as after a deployment elsewhere
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { compile } from "../../pipeline/table/compile.ts";
import type { CompiledTable } from "../../pipeline/table/compile.ts";
import { readTable } from "../../pipeline/table/otdt.ts";
import { TableError } from "../../pipeline/table/problem.ts";
import type { Behaviour } from "./behaviour.ts";
import { ROUTES } from "./calls.ts";
import { BadRequest, refusal } from "./problems.ts";
import type { Guard } from "./tokens.ts";

export interface Deployed {
  readonly compiled: CompiledTable;
  readonly version: number;
}
/** By key. */
export type Deployments = Map<string, Deployed>;

export function addModels(app: FastifyInstance, models: Deployments, bearer: Guard, behaviour: () => Behaviour): void {
  app.get(ROUTES.models, { onRequest: bearer }, (request) => {
    const query = ListQuery.safeParse(request.query);
    if (!query.success) throw new BadRequest(z.prettifyError(query.error));
    const { namespace, key } = query.data;
    const found = [...models.values()]
      .filter(({ compiled: { table } }) => namespace === undefined || nameOf(table.namespace) === namespace)
      .filter(({ compiled: { table } }) => key === undefined || table.key === key);
    return pageOf(
      found.map((model) => describe(model, behaviour())),
      query.data,
      behaviour(),
    );
  });
}

export function addDeployments(app: FastifyInstance, models: Deployments): void {
  const shown = (key: string, { compiled, version }: Deployed): object => ({
    key,
    version,
    rules: compiled.table.rules.length,
  });
  app.get("/sandbox/tables", () => Array.from(models, ([key, model]) => shown(key, model)));
  app.put("/sandbox/tables", (request) => {
    const compiled = compile(readFile(request.body));
    const { key } = compiled.table;
    const model = { compiled, version: (models.get(key)?.version ?? 0) + 1 };
    models.set(key, model);
    return shown(key, model);
  });
  app.put<{ Params: { key: string } }>("/sandbox/tables/:key/version", (request, reply) => {
    const { key } = request.params;
    const model = models.get(key);
    if (!model) return reply.code(404).send(refusal(404, `No decision found for key: ${key}`));
    const asked = VersionRequest.safeParse(request.body);
    if (!asked.success) throw new BadRequest(z.prettifyError(asked.error));
    const changed = { ...model, version: asked.data.version };
    models.set(key, changed);
    return shown(key, changed);
  });
}

const ListQuery = z.object({
  /** A name. */
  namespace: z.string().optional(),
  key: z.string().optional(),
  page: z.coerce.number().int().min(0).optional(),
  start: z.coerce.number().int().min(0).default(0),
  size: z.coerce.number().int().min(1).max(100).default(20),
});
const VersionRequest = z.strictObject({ version: z.int().min(1) });

/** The namespace of the tables of Decibel; any other one is called like its id. */
const NAMES: Readonly<Record<string, string>> = { "5f0c1a8e-3b7d-4f62-9a41-d8e2b6c70915": "decibel" };

function nameOf(namespace: string): string {
  return NAMES[namespace] ?? namespace;
}

function readFile(body: unknown) {
  try {
    return readTable(JSON.stringify(body ?? null), "the table");
  } catch (error) {
    if (error instanceof TableError) throw new BadRequest(error.problems.join("\n"));
    throw error;
  }
}

function describe({ compiled: { table }, version }: Deployed, { namespaces, versions }: Behaviour): object {
  const { id, key, name, description, hitPolicy, aggregator, inputs, outputs } = table;
  const stated = NAMESPACES[namespaces](table.namespace);
  return {
    id,
    key,
    name,
    description,
    ...(stated !== undefined && { namespace: stated }),
    version: versions === "text" ? String(version) : version,
    hitIndicator: aggregator === undefined ? hitPolicy : `${hitPolicy} ${aggregator}`,
    inputs,
    outputs,
  };
}

const NAMESPACES: Readonly<Record<Behaviour["namespaces"], (id: string) => unknown>> = {
  name: nameOf,
  id: (id) => id,
  object: (id) => ({ id, name: nameOf(id) }),
  empty: () => "",
  none: () => undefined,
};

function pageOf(
  models: readonly object[],
  { page, start, size }: z.infer<typeof ListQuery>,
  { list, pagesFrom }: Behaviour,
): unknown {
  if (list === "list") return models;
  if (list === "decisionModels") return { decisionModels: models };
  const totalElements = models.length;
  if (list === "data") {
    const data = models.slice(start, start + size);
    return { data, total: totalElements, start, sort: "name", order: "asc", size: data.length };
  }
  const number = Math.max(pagesFrom, page ?? pagesFrom);
  const from = (number - pagesFrom) * size;
  const decisionModels = models.slice(from, from + size);
  const paging = { size, totalElements, totalPages: Math.ceil(totalElements / size), number };
  if (list === "content") return { content: decisionModels, ...paging };
  return { _embedded: list === "hal" ? { decisionModels } : decisionModels, page: paging };
}
