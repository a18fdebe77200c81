/** How is the graph asked? By the playground, beside the console, with a first query that is worth running. */
import { Page } from "../parts/page.tsx";

export function GraphPage() {
  return (
    <Page
      title="Graph"
      lead="Everything here is asked of one GraphQL endpoint, and everybody may ask it."
      actions={
        <a class="button primary" href="/graphql" target="_blank" rel="noreferrer">
          Open the playground
        </a>
      }
    >
      <section class="panel">
        <h2>One endpoint</h2>
        <p>
          <code>POST {location.origin}/graphql</code>
        </p>
      </section>
    </Page>
  );
}
