/** What do this subgraph's decisions look like to a client? */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DecisionFields } from "../../schema/decision.ts";
import { LicenceAction, PlaylistAction } from "./decisions.ts";

registerEnumType(LicenceAction, {
  name: "LicenceAction",
  description: "What needs doing about a licence.",
  valuesConfig: { ESCALATE: { description: "somebody has to see to it at once" } },
});
registerEnumType(PlaylistAction, {
  name: "PlaylistAction",
  description: "What becomes of a branded playlist.",
  valuesConfig: {
    CREATE: { description: "now" },
    SCHEDULE: { description: "for its first day, which lies ahead" },
    HOLD: { description: "not before somebody has cleared it, if ever" },
  },
});

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a location play, what may it play, and what needs doing about its licence?",
})
export class PlaybackDecision extends DecisionFields {
  @Field(() => [String], { description: "slugs of the programmes it may play" })
  playlists!: readonly string[];
  @Field(() => LicenceAction)
  licenceAction!: LicenceAction;
  @Field(() => Int, { description: "1 is the most urgent" })
  priority!: number;
}

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a branded playlist be made, when, and who looks first?",
})
export class PlaylistDecision extends DecisionFields {
  @Field(() => PlaylistAction)
  action!: PlaylistAction;
  @Field(() => String, { nullable: true, description: "who looks first" })
  queue!: string | null;
}
