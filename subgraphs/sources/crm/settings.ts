/** Where are leads sent, and with which secret are they signed? */
import { z } from "zod";
import { credential, httpUrl, upstreamSettings } from "../../platform/upstream-settings.ts";
import { isWebhookSecret } from "../../platform/webhook.ts";

export const crmSettings = upstreamSettings({
  name: "crm",
  title: "the leads webhook (LEADS_WEBHOOK_…)",
  sandboxPort: 4105,
  fields: {
    url: credential("LEADS_WEBHOOK_URL", httpUrl),
    // A message with the secret in it would end up in a log.
    secret: credential(
      "LEADS_WEBHOOK_SECRET",
      z.string().refine(isWebhookSecret, 'expected "whsec_" and 24 to 64 bytes in base64'),
    ),
  },
});
