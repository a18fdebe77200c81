/**
 * Which document does a request mean, and may it be executed here?
 *
 * A client sends a document, or names one: a trusted one by `documentId` or by the hash of a persisted query, or one that was
 * sent before. Where only trusted documents are executed, a text is as good as its hash.
 */
import { GraphQLError } from "graphql";
import { badRequest } from "../http/request-error.ts";
import { hashOf } from "./manifest.ts";
import type { TrustedDocuments } from "./manifest.ts";
import type { PersistedDocuments } from "./persisted.ts";

/** How a request says what it wants to be executed: by at least one of these. */
export interface DocumentReference {
  readonly query: string | undefined;
  /** `extensions.persistedQuery.sha256Hash` */
  readonly persistedHash: string | undefined;
  /** `documentId`, without its prefix. */
  readonly trustedHash: string | undefined;
}

export interface Documents {
  /**
   * The text. Throws a RequestError where text and hash do not fit, and a GraphQLError with code PERSISTED_QUERY_NOT_FOUND or
   * DOCUMENT_NOT_TRUSTED.
   */
  textOf(reference: DocumentReference): Promise<string>;
  /** For a request whose document is valid. Never rejects. */
  accepted(reference: DocumentReference, caller: string): Promise<void>;
}

export interface DocumentsOptions {
  /** Of where the requests come: `/graphql`. */
  readonly endpoint: string;
  readonly trusted: TrustedDocuments;
  /** Default: trusted ones are not required. */
  readonly documents?: "required" | "optional" | undefined;
  /** undefined where clients cannot persist documents. */
  readonly persisted?: PersistedDocuments | undefined;
  /** Told how each request named its document, where that is known. Default: nobody is. */
  readonly named?: ((how: "trusted" | "persisted" | "sent") => void) | undefined;
}

export function createDocuments({ endpoint, trusted, documents, persisted, named }: DocumentsOptions): Documents {
  const isRequired = documents === "required";
  return {
    async textOf({ query, persistedHash, trustedHash }) {
      if (query !== undefined && persistedHash !== undefined && hashOf(query) !== persistedHash)
        throw badRequest("Cannot read the request: sha256Hash is not the hash of query");
      const hash = trustedHash ?? persistedHash ?? (isRequired && query !== undefined ? hashOf(query) : undefined);
      const known = hash === undefined ? undefined : trusted.get(hash);
      if (known?.endpoints.includes(endpoint)) {
        named?.("trusted");
        return known.text;
      }
      if (isRequired || trustedHash !== undefined) throw notTrusted();
      const text = query ?? (persistedHash === undefined ? undefined : await persisted?.find(persistedHash));
      if (text === undefined) throw notFound();
      named?.(query === undefined ? "persisted" : "sent");
      return text;
    },
    async accepted({ query, persistedHash }, caller) {
      if (isRequired || query === undefined || persistedHash === undefined || trusted.has(persistedHash)) return;
      await persisted?.keep(persistedHash, query, caller);
    },
  };
}

/** Clients know it by this message: they send the document then. */
function notFound(): GraphQLError {
  return new GraphQLError("PersistedQueryNotFound", { extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } });
}

function notTrusted(): GraphQLError {
  return new GraphQLError("Cannot execute: it is not a trusted document of this endpoint", {
    extensions: { code: "DOCUMENT_NOT_TRUSTED" },
  });
}
