/** What is wrong? Each with what it means, and where to look. */
import type { ComponentChildren } from "preact";

export interface Wrong {
  readonly key: string;
  readonly colour: "deny" | "review";
  readonly title: string;
  readonly text: ComponentChildren;
}

export function WrongList({ wrongs }: { readonly wrongs: readonly Wrong[] }) {
  return (
    <ul class="wrongs" aria-label="What is wrong">
      {wrongs.map(({ key, colour, title, text }) => (
        <li key={key} class={`notice ${colour}`}>
          <strong>{title}</strong> {text}
        </li>
      ))}
    </ul>
  );
}
