/**
 * In which of several possible ways does the OpenText sandbox behave, where nobody knows which one is the service's?
 *
 * In that of the defaults, unless it is told otherwise:
 *   GET     /sandbox/behaviour   how it behaves
 *   PUT     /sandbox/behaviour   changes what is given; the rest is as by default
 *   DELETE  /sandbox/behaviour   behaves as by default
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { BadRequest } from "./problems.ts";

const BehaviourSchema = z.strictObject({
  /** Of rows: of a Java hash map, of the table's rules, from the last to the first, or another one each time. */
  order: z.enum(["hash", "table", "reversed", "shuffled"]).default("hash"),
  /** What an empty text output is. */
  emptyTexts: z.enum(["text", "null", "left out"]).default("text"),
  /** The format of the model list. The last two have no pages. */
  list: z.enum(["hal", "embedded list", "data", "content", "decisionModels", "list"]).default("hal"),
  /** The number of its first page, where it has numbers. */
  pagesFrom: z.union([z.literal(0), z.literal(1)]).default(0),
  /** What the list says of a model's namespace. */
  namespaces: z.enum(["name", "id", "object", "empty", "none"]).default("name"),
  /** How it says the version. */
  versions: z.enum(["number", "text"]).default("number"),
});
export type Behaviour = Readonly<z.infer<typeof BehaviourSchema>>;

/** Adds the routes. Gives the behaviour of the moment. */
export function addBehaviour(app: FastifyInstance): () => Behaviour {
  let behaviour: Behaviour = BehaviourSchema.parse({});
  app.get("/sandbox/behaviour", () => behaviour);
  app.put("/sandbox/behaviour", (request) => {
    const asked = BehaviourSchema.safeParse(request.body);
    if (!asked.success) throw new BadRequest(z.prettifyError(asked.error));
    return (behaviour = asked.data);
  });
  app.delete("/sandbox/behaviour", (_request, reply) => {
    behaviour = BehaviourSchema.parse({});
    return reply.code(204).send();
  });
  return () => behaviour;
}
