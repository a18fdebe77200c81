/** Which licence does a location have from now on? Every later decision uses it. */
import { useState } from "preact/hooks";
import { RecordLicenceDocument } from "../generated/operations.ts";
import type { LicenceStatus, LocationRowFragment } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { Dialog, DialogFoot } from "../parts/dialog.tsx";
import { SelectField, inSmallLetters } from "../parts/filters.tsx";
import { Refusal } from "../parts/refusal.tsx";

export interface LicenceDialogProps {
  readonly location: Pick<LocationRowFragment, "id" | "name" | "licence">;
  readonly onClose: () => void;
}

const STATUSES: readonly LicenceStatus[] = ["ACTIVE", "EXPIRING", "EXPIRED", "NONE"];
const TIERS = ["background", "foreground", "events"];

export function LicenceDialog({ location: { id, name, licence }, onClose }: LicenceDialogProps) {
  const [status, setStatus] = useState<LicenceStatus>(licence?.status ?? "ACTIVE");
  const [tier, setTier] = useState(licence?.tier ?? "background");
  const [until, setUntil] = useState(licence?.expiresAt?.slice(0, 10) ?? "");
  const { run, isRunning, errors } = useChange(RecordLicenceDocument);
  const send = async (): Promise<void> => {
    const expiresAt = status === "NONE" || until === "" ? null : `${until}T23:59:59Z`;
    const answer = await run({ locationId: id, status, tier, expiresAt });
    if (answer?.errors.length === 0) onClose();
  };
  return (
    <Dialog title={`The licence of ${name}`} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <SelectField
          label="Status"
          value={status}
          onValue={(value) => setStatus(STATUSES.find((one) => one === value) ?? "ACTIVE")}
          choices={STATUSES}
          textOf={inSmallLetters}
        />
        <SelectField label="Tier" value={tier} onValue={setTier} choices={[...new Set([...TIERS, tier])]} />
        <div class="field">
          <label for="until">Until, or nothing if it does not expire</label>
          <input
            id="until"
            type="date"
            disabled={status === "NONE"}
            value={until}
            onInput={({ currentTarget }) => setUntil(currentTarget.value)}
          />
        </div>
        <Refusal errors={errors} />
        <DialogFoot action="Record it" isRunning={isRunning} onClose={onClose} />
      </form>
    </Dialog>
  );
}
