/** Which URL and secret does the CRM's webhook have? */
import { z } from "zod";
import { callUrl, credential, setting, upstreamSettings } from "../../platform/upstream-settings.ts";
import { isWebhookSecret } from "../../platform/webhook.ts";

// Without the value: errors are logged.
const secret = z.string().refine(isWebhookSecret, 'expected "whsec_" and 24 to 64 bytes in base64');

export const crmSettings = upstreamSettings({
  name: "crm",
  title: "the leads webhook (LEADS_WEBHOOK_…)",
  sandboxPort: 4105,
  hasFacts: false,
  fields: {
    url: credential("LEADS_WEBHOOK_URL", callUrl),
    secret: credential("LEADS_WEBHOOK_SECRET", secret),
    /** While the receiver changes from one secret to another. */
    oldSecret: setting("LEADS_WEBHOOK_OLD_SECRET", secret.optional()),
  },
});
