/** How are migrations made from the tables? `npm run migration -- --name what_changed` writes the next one. */
import { defineConfig } from "drizzle-kit";

// oxlint-disable-next-line import/no-default-export -- drizzle-kit reads the default
export default defineConfig({
  dialect: "postgresql",
  schema: "./subgraphs/records/*/tables.ts",
  out: "./subgraphs/records/migrations",
  casing: "snake_case",
});
