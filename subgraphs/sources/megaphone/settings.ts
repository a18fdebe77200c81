/** Which network of Megaphone is used? */
import { credential, httpUrl, setting, upstreamSettings } from "../../platform/upstream-settings.ts";

export const megaphoneSettings = upstreamSettings({
  name: "megaphone",
  title: "Megaphone (MEGAPHONE_…)",
  sandboxPort: 4103,
  hasFacts: true,
  fields: {
    baseUrl: setting("MEGAPHONE_BASE_URL", httpUrl.default("https://cms.megaphone.fm/api")),
    networkId: credential("MEGAPHONE_NETWORK_ID"),
    token: credential("MEGAPHONE_TOKEN"),
  },
});
