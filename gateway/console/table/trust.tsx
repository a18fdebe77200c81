/** Does the decision service mean the same by this model as the copy here? In one word, and in a sentence on hover. */
import type { Model } from "./engine.ts";

export type Trusted = Pick<Model, "version" | "trust">;

const WORDS = {
  TRUSTED: ["allow", "trusted", "every answer was the same as the copy gives"],
  UNPROVEN: ["neutral", "unproven", "no answer was compared yet"],
  DISTRUSTED: ["deny", "distrusted", "an answer differed from what the copy gives: each distinct question is asked"],
} as const;

export function Trust({ model: { trust, version } }: { readonly model: Trusted }) {
  const [colour, word, meaning] = WORDS[trust.state];
  const compared = trust.agreed + trust.disagreed;
  const counts = compared === 0 ? "" : ` (${trust.agreed} of ${compared} agreed)`;
  const unknown = version === "unknown" ? ", and the service has not reported a version" : "";
  return (
    <span class={`badge ${colour}`} title={`${meaning}${unknown}${counts}`}>
      {word}
    </span>
  );
}
