/** How is a lead sent to the CRM? As a webhook. */
import { createWebhookClient } from "../../platform/webhook-client.ts";
import type { WebhookClient, WebhookClientOptions } from "../../platform/webhook-client.ts";
import { crmSettings } from "./settings.ts";

export type CrmOptions = Omit<WebhookClientOptions, "name" | "settings">;
export type Crm = WebhookClient;

const { url, secret } = crmSettings.fields;

/** Throws a TypeError for a malformed secret. */
export function createCrm(options: CrmOptions): Crm {
  return createWebhookClient({
    ...options,
    name: crmSettings.name,
    settings: { secret: secret.variable, url: url.variable },
  });
}
