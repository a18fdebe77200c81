/** What do errors of the Web API look like? */
import type { FastifyReply } from "fastify";
import type { z } from "zod";

export function problem(status: number, message: string): object {
  return { error: { status, message } };
}

export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send(problem(status, message));
}

/** 400 with the first issue of an invalid query or body. */
export function refuseInput(reply: FastifyReply, error: z.ZodError): FastifyReply {
  return refuse(reply, 400, error.issues[0]?.message ?? "Bad request");
}
