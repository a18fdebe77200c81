/**
 * What is added to GraphiQL?
 *
 * A panel below it, with the parts and the looks of the console. It is in a shadow of its own, so that neither of both changes how
 * the other looks.
 */
import { render } from "preact";
import { Router } from "wouter-preact";
import looks from "../style/playground.css?inline";
import { Panel } from "./panel.tsx";
import { explainRequests } from "./requests.ts";

explainRequests();

/** The panel is as high while it is closed, see playground.css; open, it covers what is below: GraphiQL's editors do not shrink. */
const BESIDE = "#root .graphiql-container { height: calc(100dvh - 36px) }";

const place = document.createElement("div");
place.id = "decibel-panel";
const shadow = place.attachShadow({ mode: "open" });
shadow.adoptedStyleSheets = [sheetOf(looks)];
document.adoptedStyleSheets.push(sheetOf(BESIDE));
document.body.append(place);

/** The console is another page. */
const elsewhere = (): [string, (to: string) => void] => [
  "/graphql",
  (to) => void window.open(to, "_blank", "noreferrer"),
];
render(
  <Router hook={elsewhere}>
    <Panel />
  </Router>,
  shadow,
);

function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
