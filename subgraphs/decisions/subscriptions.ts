/**
 * Which events can clients subscribe to?
 *
 * They are declared here, and told by the gateway: it hears of each change and reads what a client selects of it by a query
 * in that client's name. So this subgraph streams nothing itself, and says so to whoever asks it.
 */
import { GraphQLError } from "graphql";
import { Arg, Args, ArgsType, Field, ID, Resolver, Subscription } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Effect } from "./effect.ts";
import { EligibilityChange } from "./eligibility-change.ts";
import { Evaluation } from "./evaluation.ts";
import { Review } from "./review.ts";
import { TableCandidate } from "./table-candidate.ts";

const subscribe = (): never => {
  throw new GraphQLError("Cannot subscribe: events are told by the gateway", {
    extensions: { code: "SUBSCRIPTIONS_UNAVAILABLE" },
  });
};

@ArgsType()
class DecisionMadeArgs {
  @Field(() => String, { nullable: true, description: "only evaluations of this subject, by its id" })
  subject!: string | null;
  @Field(() => String, { nullable: true, description: "only evaluations of this model, by its key" })
  model!: string | null;
}

@ArgsType()
class EligibilityChangedArgs {
  @Field(() => [ID], { description: "of campaigns, episodes, locations and listeners; 500 at most" })
  ids!: readonly string[];
  @Field(() => ID, {
    nullable: true,
    description:
      "whom an episode or a listener is decided for: a listener needs one, an episode without one is published",
  })
  campaignId!: string | null;
}

@Resolver()
export class SubscriptionResolver {
  @RequiresScopes(["audit:read"])
  @Subscription(() => Evaluation, { subscribe, description: "every new evaluation" })
  decisionMade(@Args(() => DecisionMadeArgs) _args: DecisionMadeArgs): never {
    return subscribe();
  }

  @RequiresScopes(["audit:read"])
  @Subscription(() => Review, { subscribe, description: "every review that is opened" })
  reviewOpened(
    @Arg("queue", () => String, { nullable: true, description: "only reviews in this queue" }) _queue: string | null,
  ): never {
    return subscribe();
  }

  @RequiresScopes(["audit:read"])
  @Subscription(() => Review, { subscribe, description: "every review that is resolved" })
  reviewResolved(
    @Arg("queue", () => String, { nullable: true, description: "only reviews in this queue" }) _queue: string | null,
  ): never {
    return subscribe();
  }

  @RequiresScopes(["audit:read"])
  @Subscription(() => TableCandidate, {
    subscribe,
    description: "a table that is proposed, approved, rejected, withdrawn or handed over",
  })
  candidateChanged(
    @Arg("model", () => String, { nullable: true, description: "only of this model, by its key" })
    _model: string | null,
  ): never {
    return subscribe();
  }

  @RequiresScopes(["audit:read"])
  @Subscription(() => Effect, { subscribe, description: "an effect that is new, or whose status has changed" })
  effectChanged(): never {
    return subscribe();
  }

  @RequiresScopes(["eligibility:read"])
  @Subscription(() => EligibilityChange, {
    subscribe,
    description: "a subject whose verdict is another than the one before, whatever the reason",
  })
  eligibilityChanged(@Args(() => EligibilityChangedArgs) _args: EligibilityChangedArgs): never {
    return subscribe();
  }
}
