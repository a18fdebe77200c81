/** Which account of Spotify Ads is used? */
import { credential, httpUrl, setting, upstreamSettings } from "../../platform/upstream-settings.ts";

export const spotifyAdsSettings = upstreamSettings({
  name: "spotify-ads",
  title: "Spotify Ads (SPOTIFY_ADS_…)",
  sandboxPort: 4101,
  hasFacts: true,
  fields: {
    baseUrl: setting("SPOTIFY_ADS_BASE_URL", httpUrl.default("https://api-partner.spotify.com/ads/v3")),
    tokenUrl: setting("SPOTIFY_TOKEN_URL", httpUrl.default("https://accounts.spotify.com/api/token")),
    accountId: credential("SPOTIFY_ADS_ACCOUNT_ID"),
    clientId: credential("SPOTIFY_ADS_CLIENT_ID"),
    clientSecret: credential("SPOTIFY_ADS_CLIENT_SECRET"),
    refreshToken: credential("SPOTIFY_ADS_REFRESH_TOKEN"),
  },
});
