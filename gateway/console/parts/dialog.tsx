/**
 * How is something asked before it is done? In a dialog that has the focus, and gives it back.
 *
 * While its change is being sent it stays, whatever somebody presses: only in it they see what has become of the change.
 */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface DialogProps {
  readonly title: string;
  readonly isSending: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, isSending, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const isGone = useRef(false);
  // Closed before it is taken away: one that is only taken away does not give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      isGone.current = true;
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      // Chromium asks `onCancel` once: a second Escape would close it.
      closedby={isSending ? "none" : "closerequest"}
      onCancel={(event) => isSending && event.preventDefault()}
      onClose={() => isGone.current || onClose()}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
