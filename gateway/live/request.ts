/** What is known of a subscription when it is asked for, and when its caller may have it? */
import type { FieldNode } from "graphql";
import type { OperationRequest } from "../http/execution.ts";
import type { Subscriber } from "./stream.ts";

export interface SubscriptionRequest extends OperationRequest {
  readonly subscriber: Subscriber;
}

/** One whose field the caller may subscribe to. */
export interface AdmittedRequest extends SubscriptionRequest {
  /** The name of the field. */
  readonly event: string;
  /** Of the field. */
  readonly nodes: readonly FieldNode[];
  readonly args: Readonly<Record<string, unknown>>;
  /** The variables, by their types. */
  readonly coerced: Readonly<Record<string, unknown>>;
}
