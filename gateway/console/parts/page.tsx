/** How does a page begin? With its title, which gets the focus when it is opened, so that it is read and typed from there. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface PageProps {
  readonly title: string;
  /** Above the title: where it belongs to. */
  readonly crumb?: ComponentChildren;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

let isFirst = true;

export function Page({ title, crumb, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Decibel`;
  }, [title]);
  useEffect(() => {
    // The browser has put it where it belongs on the first one.
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <>
      <header class="page-head">
        <div>
          {crumb !== undefined && <span class="crumb">{crumb}</span>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <div class="lead">{lead}</div>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}
