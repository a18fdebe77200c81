/** Which URL and secret does the CRM's webhook have? */
import { z } from "zod";
import { credential, httpUrl, upstreamSettings } from "../../platform/upstream-settings.ts";
import { isWebhookSecret } from "../../platform/webhook.ts";

export const crmSettings = upstreamSettings({
  name: "crm",
  title: "the leads webhook (LEADS_WEBHOOK_…)",
  sandboxPort: 4105,
  fields: {
    url: credential("LEADS_WEBHOOK_URL", httpUrl),
    // Without the value: errors are logged.
    secret: credential(
      "LEADS_WEBHOOK_SECRET",
      z.string().refine(isWebhookSecret, 'expected "whsec_" and 24 to 64 bytes in base64'),
    ),
  },
});
