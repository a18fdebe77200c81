/** The console begins here: where the issuer has sent somebody back, by signing in; then by its page. */
import { render } from "preact";
import { App } from "./app.tsx";
import { ignoreSecondClicks } from "./parts/one-click.ts";
import { end } from "./session/issuer.ts";

const place = document.querySelector("#console");
if (!place) throw new Error("the page must have a place for the console");

ignoreSecondClicks();
const path = await end();
if (path !== undefined) history.replaceState(undefined, "", path);
render(<App />, place);
