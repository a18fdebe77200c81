/** What is at a path that no part of the console has? */
import { Link } from "wouter-preact";
import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";

export function NotFoundPage() {
  return (
    <Page title="Nothing here">
      <Empty title="There is no such page">
        The address may have a typing error. <Link href="/">Go to the first page</Link>
      </Empty>
    </Page>
  );
}
