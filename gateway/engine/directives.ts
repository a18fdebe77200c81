/** What does a directive of a supergraph say? */
import { Kind } from "graphql";
import type { ConstDirectiveNode, DirectiveNode } from "graphql";

/** The value of an argument that is a text or an enum value; undefined without one. */
export function argumentOf({ arguments: given }: ConstDirectiveNode | DirectiveNode, name: string): string | undefined {
  const value = given?.find((one) => one.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}
