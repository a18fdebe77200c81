/** Which app and user of the Spotify Web API are used? */
import { z } from "zod";
import { credential, httpUrl, setting, upstreamSettings } from "../../platform/upstream-settings.ts";

export const spotifyWebSettings = upstreamSettings({
  name: "spotify-web",
  title: "Spotify Web (SPOTIFY_WEB_…)",
  sandboxPort: 4102,
  hasFacts: true,
  fields: {
    baseUrl: setting("SPOTIFY_WEB_BASE_URL", httpUrl.default("https://api.spotify.com/v1")),
    tokenUrl: setting("SPOTIFY_TOKEN_URL", httpUrl.default("https://accounts.spotify.com/api/token")),
    clientId: credential("SPOTIFY_WEB_CLIENT_ID"),
    clientSecret: credential("SPOTIFY_WEB_CLIENT_SECRET"),
    /** Of the user in whose library playlists are made. */
    refreshToken: credential("SPOTIFY_WEB_REFRESH_TOKEN"),
    mode: setting("SPOTIFY_WEB_MODE", z.enum(["extended", "development"]).default("extended")),
    /** Without a user, Spotify shows only what one market may hear. */
    market: setting(
      "SPOTIFY_WEB_MARKET",
      z
        .string()
        .regex(/^[A-Z]{2}$/, "expected an ISO 3166-1 alpha-2 code")
        .default("US"),
    ),
  },
});

/** What an operator renews where Spotify refuses the app, or the user's grant. */
export const CLIENT_VARIABLES = [
  spotifyWebSettings.fields.clientId.variable,
  spotifyWebSettings.fields.clientSecret.variable,
] as const;
export const GRANT_VARIABLES = [spotifyWebSettings.fields.refreshToken.variable] as const;
