/** Which licence does a location have from now on? Every later decision uses it. */
import { useState } from "preact/hooks";
import { RecordLicenceDocument } from "../generated/operations.ts";
import type { LicenceStatus, LocationRowFragment } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { LAST_DAY } from "../parts/day.ts";
import { Verdict } from "../parts/verdict.tsx";
import { SelectField } from "../parts/filters.tsx";
import { inSmallLetters } from "../parts/text.ts";

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
  const record = useChange(RecordLicenceDocument);
  const expiresAt = status === "NONE" || until === "" ? null : `${until}T23:59:59Z`;
  return (
    <ChangeDialog
      title={`The licence of ${name}`}
      action="Record it"
      change={record}
      input={() => ({ locationId: id, status, tier, expiresAt })}
      found={({ recordLicence: { location } }) =>
        location.playback && (
          <li>
            Then: may it play music? <Verdict value={location.playback.verdict} />
          </li>
        )
      }
      onClose={onClose}
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
          max={LAST_DAY}
          disabled={status === "NONE"}
          value={until}
          onInput={({ currentTarget }) => setUntil(currentTarget.value)}
        />
      </div>
    </ChangeDialog>
  );
}
