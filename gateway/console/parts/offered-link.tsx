/** Where does a part of a page lead that is of another section? Only there where the caller may go. */
import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { Link } from "wouter-preact";
import { lackedBy, sectionOf } from "../sections.ts";
import { CallerContext } from "../session/caller.tsx";

export interface OfferedLinkProps {
  /** Default: nowhere. */
  readonly href: string | undefined;
  readonly children: ComponentChildren;
  /** Where it leads nowhere. Default: nothing. */
  readonly otherwise?: ComponentChildren;
}

export function OfferedLink({ href, children, otherwise = null }: OfferedLinkProps) {
  const caller = useContext(CallerContext);
  if (href === undefined || lackedBy(caller, sectionOf(href)).length > 0) return <>{otherwise}</>;
  return <Link href={href}>{children}</Link>;
}
