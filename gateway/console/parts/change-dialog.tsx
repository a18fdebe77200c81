/** How is a change asked for? In a dialog, where it can be checked first; what is wrong with it, or was found, is said there. */
import type { ComponentChildren } from "preact";
import type { Change, ChangeInput } from "../graph/use-change.ts";
import { Dialog } from "./dialog.tsx";
import { Planned } from "./planned.tsx";
import { Refusal } from "./refusal.tsx";

export interface ChangeDialogProps<Data, Input extends ChangeInput> {
  readonly title: string;
  readonly action: string;
  readonly change: Change<Data, Input>;
  /** As it stands. */
  readonly input: () => Input;
  /** What would be there, of what was checked. */
  readonly found?: (data: Data) => ComponentChildren;
  /** It was done, as far as the rules allow it. */
  readonly onDone?: (data: Data) => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function ChangeDialog<Data, Input extends ChangeInput>(props: ChangeDialogProps<Data, Input>) {
  const { title, action, change, input, found, onDone, onClose, children } = props;
  const { run, check, isRunning, isChecking, errors, planned, checked, forget } = change;
  const close = (): void => {
    forget();
    onClose();
  };
  const send = async (): Promise<void> => {
    const answer = await run(input());
    if (!answer?.data || answer.errors.length > 0) return;
    onDone?.(answer.data);
    onClose();
  };
  return (
    <Dialog title={title} isSending={isRunning} onClose={close}>
      <form
        class="stack"
        onInput={() => (planned || isChecking) && forget()}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {children}
        <Planned planned={planned}>{checked && found?.(checked)}</Planned>
        <Refusal errors={errors} />
        <p class="dialog-foot">
          <button type="button" disabled={isRunning} onClick={close}>
            Cancel
          </button>
          <button
            type="button"
            disabled={isRunning || isChecking}
            onClick={({ currentTarget: { form } }) => form?.reportValidity() === true && void check(input())}
          >
            {isChecking ? "Checking…" : "Check first"}
          </button>
          <button type="submit" class="primary" disabled={isRunning}>
            {isRunning ? "Sending…" : action}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
