/** What does a client see of a support case? */
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { caseId } from "../../../schema/id.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { CaseIssue, CaseSeverity, CaseStatus } from "../../records/campaigns/types.ts";
import type { CaseRecord } from "../../records/campaigns/types.ts";

registerEnumType(CaseIssue, { name: "CaseIssue" });
registerEnumType(CaseSeverity, { name: "CaseSeverity" });
registerEnumType(CaseStatus, {
  name: "CaseStatus",
  valuesConfig: { ROUTED: { description: "in a queue, not resolved yet" } },
});

/** Field resolvers add its campaign and its routing, only if they are selected. */
@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@ObjectType({
  simpleResolvers: true,
  description: "A complaint or inquiry about an ad, a placement or a branded experience.",
})
export class SupportCase {
  @RequiresScopes(["graph:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Field()
  account!: string;
  @Field(() => CaseIssue)
  issue!: CaseIssue;
  @Field(() => CaseSeverity)
  severity!: CaseSeverity;
  @RequiresScopes(["graph:read", "listeners:read"])
  @Field()
  description!: string;
  @Field(() => CaseStatus)
  status!: CaseStatus;
  @Field(() => DateTime)
  openedAt!: Date;
  @Field(() => String, { nullable: true, description: "the queue that it was routed to; null until it is routed" })
  queue!: string | null;
  @RequiresScopes(["graph:read", "listeners:read"])
  @Field(() => String, { nullable: true })
  resolvedBy!: string | null;
  @Field(() => DateTime, { nullable: true, description: "null until it is resolved" })
  resolvedAt!: Date | null;
  @RequiresScopes(["graph:read", "listeners:read"])
  @Field(() => String, { nullable: true, description: "the outcome, in words" })
  note!: string | null;

  /** For the field resolvers. */
  record!: CaseRecord;
  /** Whether its routing is the recorded one, as in the payload of a mutation. Otherwise it is decided now. */
  isAsRecorded!: boolean;
}

export const SupportCaseConnection = connectionOf("SupportCase", () => SupportCase, {
  scopes: [["graph:read"]],
  isDated: true,
});

export function toSupportCase(record: CaseRecord, { isAsRecorded = false } = {}): SupportCase {
  const { id, account, issue, severity, description, status, openedAt } = record;
  const { queue = null, resolvedBy = null, resolvedAt = null, note = null } = record;
  return Object.assign(new SupportCase(), {
    id: caseId.encode(id),
    account,
    issue,
    severity,
    description,
    status,
    openedAt,
    queue,
    resolvedBy,
    resolvedAt,
    note,
    record,
    isAsRecorded,
  });
}
