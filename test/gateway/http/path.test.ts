import { expect, it } from "vitest";
import { pathOf, searchOf } from "../../../gateway/http/path.ts";

it.each([
  ["/graphql", "/graphql", ""],
  ["/graphql?query={a}?b", "/graphql", "query={a}?b"],
  ["http://gateway.example:4000/graphql?a=/b", "/graphql", "a=/b"],
  ["HTTPS://gateway.example", "", ""],
])("the target %s names a path, and what is behind it", (target, path, search) => {
  expect([pathOf(target), searchOf(target)]).toEqual([path, search]);
});
