/** Which account of Soundtrack is used? */
import { credential, httpUrl, setting, upstreamSettings } from "../../platform/upstream-settings.ts";

export const soundtrackSettings = upstreamSettings({
  name: "soundtrack",
  title: "Soundtrack (SOUNDTRACK_TOKEN)",
  sandboxPort: 4104,
  hasFacts: true,
  fields: {
    baseUrl: setting("SOUNDTRACK_BASE_URL", httpUrl.default("https://api.soundtrackyourbrand.com/v2")),
    token: credential("SOUNDTRACK_TOKEN"),
  },
});
