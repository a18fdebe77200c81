/**
 * What is the endpoint for partners made of?
 *
 * The same as the one for all, over the graph that partners see, where only trusted documents are executed.
 */
import type { Executor } from "../engine/engine.ts";
import { PARTNER_ENDPOINT } from "../http/endpoints.ts";
import { createAnswerGraphQL } from "../http/graphql.ts";
import type { GraphQLHandlerOptions } from "../http/graphql.ts";
import type { Endpoint } from "../http/server.ts";
import { createDocuments } from "../limits/documents.ts";
import type { DocumentsOptions } from "../limits/documents.ts";
import type { TrustedDocuments } from "../limits/manifest.ts";
import { answerPartners } from "./answer.ts";

export interface PartnerEndpointOptions extends Omit<GraphQLHandlerOptions, "documents"> {
  /** Over the supergraph with what partners see; it hides suggestions. */
  readonly executor: Executor;
  readonly trusted: TrustedDocuments;
  readonly named?: DocumentsOptions["named"];
}

export function createPartnerEndpoint({ trusted, named, ...options }: PartnerEndpointOptions): Endpoint {
  const documents = createDocuments({ endpoint: PARTNER_ENDPOINT, trusted, documents: "required", named });
  const answer = createAnswerGraphQL({ ...options, documents });
  return { path: PARTNER_ENDPOINT, answer: answerPartners(answer, options.executor.schema) };
}
