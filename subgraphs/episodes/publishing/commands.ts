/** Which commands submit and publish episodes? */
import type { Context } from "../../platform/context.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { EpisodeServices } from "../services.ts";
import type { EpisodePayload, PublishEpisodeInput, SubmitEpisodeInput } from "./inputs.ts";
import { publishCommand } from "./publish.ts";
import { publishHandler } from "./publish-effect.ts";
import { submitCommand } from "./submit.ts";

export interface PublishingCommands {
  submit(context: Context, input: SubmitEpisodeInput): Promise<EpisodePayload>;
  publish(context: Context, input: PublishEpisodeInput): Promise<EpisodePayload>;
  readonly handlers: readonly Handler<never>[];
}

export function publishingCommands(services: EpisodeServices, tools: CommandTools): PublishingCommands {
  return {
    submit: submitCommand(services, tools),
    publish: publishCommand(services, tools),
    handlers: [publishHandler(services, tools.transact)],
  };
}
