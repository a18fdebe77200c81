/** What is a support case to a client? */
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { caseId } from "../../../schema/id.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { CaseIssue, CaseSeverity, CaseStatus } from "../../records/campaigns/types.ts";
import type { CaseRecord } from "../../records/campaigns/types.ts";

registerEnumType(CaseIssue, { name: "CaseIssue" });
registerEnumType(CaseSeverity, { name: "CaseSeverity" });
registerEnumType(CaseStatus, {
  name: "CaseStatus",
  valuesConfig: { ROUTED: { description: "with the queue that takes it, not resolved yet" } },
});

/** Its campaign and its routing are resolved where a client asks for them. */
@Directive('@key(fields: "id")')
@ObjectType({
  simpleResolvers: true,
  description: "A complaint or inquiry about an ad, a placement or a branded experience.",
})
export class SupportCase {
  @Field(() => ID)
  id!: string;
  @Field()
  account!: string;
  @Field(() => CaseIssue)
  issue!: CaseIssue;
  @Field(() => CaseSeverity)
  severity!: CaseSeverity;
  @Field()
  description!: string;
  @Field(() => CaseStatus)
  status!: CaseStatus;
  @Field(() => DateTime)
  openedAt!: Date;
  @Field(() => String, { nullable: true, description: "who was given it; null until it is routed" })
  queue!: string | null;
  @Field(() => String, { nullable: true })
  resolvedBy!: string | null;
  @Field(() => DateTime, { nullable: true, description: "null until it is resolved" })
  resolvedAt!: Date | null;
  @Field(() => String, { nullable: true, description: "what came of it" })
  note!: string | null;

  /** As it is written down. */
  record!: CaseRecord;
  /** Its routing is the recorded one: what a mutation did. Otherwise it is what the rules say now. */
  isAsRecorded!: boolean;
}

export const SupportCaseConnection = connectionOf("SupportCase", () => SupportCase);

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
