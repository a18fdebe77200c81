/** Which page is shown, and what is around each of them? */
import { Link, Redirect, Route, Switch, useLocation } from "wouter-preact";
import { CallerDocument } from "./generated/operations.ts";
import { isOnline } from "./graph/connection.ts";
import { useQuery } from "./graph/use-query.ts";
import { CampaignPage, CampaignsPage } from "./pages/campaigns.tsx";
import { DecisionPage } from "./pages/decision.tsx";
import { DecisionsPage } from "./pages/decisions.tsx";
import { EffectsPage } from "./pages/effects.tsx";
import { EpisodePage, EpisodesPage } from "./pages/episodes.tsx";
import { ListenerPage, ListenersPage } from "./pages/listeners.tsx";
import { LocationPage, LocationsPage } from "./pages/locations.tsx";
import { ModelPage } from "./pages/model.tsx";
import { ModelsPage } from "./pages/models.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { NowPage } from "./pages/now.tsx";
import { ReviewPage } from "./pages/review.tsx";
import { ReviewsPage } from "./pages/reviews.tsx";
import { SupportCasePage } from "./pages/support-case.tsx";
import { WorklistsPage } from "./pages/worklists.tsx";
import { KeysHelp, useKeys } from "./parts/keys.tsx";
import { Later } from "./parts/later.tsx";
import { Page } from "./parts/page.tsx";
import { Failure, Lacking } from "./parts/states.tsx";
import { useStore } from "./parts/store.ts";
import { SECTIONS, isWithin, lackedBy, sectionOf } from "./sections.ts";
import type { Section } from "./sections.ts";
import { CallerContext, NOBODY, Who } from "./session/caller.tsx";
import type { Caller } from "./session/caller.tsx";
import { session, signOut } from "./session/session.ts";
import { SignInPage } from "./session/sign-in.tsx";

/** The playground is loaded by who opens it. */
const graphPage = async () => (await import("./pages/graph.tsx")).GraphPage;
/** Where a group of the navigation begins. */
const BEGINS = new Set(["/campaigns", "/decisions"]);

export function App() {
  const { token, problem } = useStore(session);
  const { data, errors, isLoading, again } = useQuery(CallerDocument, {});
  if (problem !== undefined) return <SignInPage problem={problem} />;
  const leave = token === undefined ? undefined : () => signOut("You have signed out.");
  // What it was asked with may be why it was not answered.
  if (!data && !isLoading) {
    return (
      <main class="sign-in">
        <Failure errors={errors} again={again} onSignOut={leave} />
      </main>
    );
  }
  return <Shell caller={data?.caller} onSignOut={leave} />;
}

interface ShellProps {
  /** Undefined until it is known: the page is asked for meanwhile, and nothing is offered. */
  readonly caller: Caller | undefined;
  readonly onSignOut: (() => void) | undefined;
}

function Shell({ caller = NOBODY, onSignOut }: ShellProps) {
  const sections = caller === NOBODY ? [] : SECTIONS.filter((section) => lackedBy(caller, section).length === 0);
  const [location] = useLocation();
  const section = sectionOf(location);
  const lacked = lackedBy(caller, section);
  useKeys(sections);
  return (
    <CallerContext value={caller}>
      <a class="skip button" href="#main">
        Skip to the page
      </a>
      <div class="shell">
        <header class="side">
          <Brand />
          <Navigation sections={sections} />
          <div class="side-foot">
            <Who onSignOut={onSignOut} />
            <span class="muted">
              <kbd>?</kbd> shows the keys
            </span>
          </div>
        </header>
        <main class="main" id="main">
          {section && lacked.length > 0 ? (
            <NotTheirs section={section} lacked={lacked} sections={sections} />
          ) : (
            <Pages />
          )}
        </main>
      </div>
      <Offline />
      <KeysHelp shortcuts={sections} />
    </CallerContext>
  );
}

interface NotTheirsProps {
  readonly section: Section;
  /** What it takes and the caller does not have. */
  readonly lacked: readonly string[];
  /** Those that are offered. */
  readonly sections: readonly Section[];
}

/** Where everybody begins, they are led on; another page says what it takes. */
function NotTheirs({ section: { path, title }, lacked, sections: [first] }: NotTheirsProps) {
  if (path === "/" && first) return <Redirect to={first.path} replace />;
  return (
    <Page key={path} title={title}>
      <Lacking scope={lacked.join(" ")} what="This page" />
    </Page>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <NowPage />
      </Route>
      <Route path="/reviews">
        <ReviewsPage />
      </Route>
      <Route path="/reviews/:id">{({ id }) => <ReviewPage key={id} id={id} />}</Route>
      <Route path="/worklists">
        <WorklistsPage />
      </Route>
      <Route path="/worklists/cases">
        <Redirect to="/worklists?list=cases" replace />
      </Route>
      <Route path="/worklists/cases/:id">{({ id }) => <SupportCasePage key={id} id={id} />}</Route>
      <Route path="/campaigns">
        <CampaignsPage />
      </Route>
      <Route path="/campaigns/:id">{({ id }) => <CampaignPage key={id} id={id} />}</Route>
      <Route path="/episodes">
        <EpisodesPage />
      </Route>
      <Route path="/episodes/:id">{({ id }) => <EpisodePage key={id} id={id} />}</Route>
      <Route path="/locations">
        <LocationsPage />
      </Route>
      <Route path="/locations/:id">{({ id }) => <LocationPage key={id} id={id} />}</Route>
      <Route path="/listeners">
        <ListenersPage />
      </Route>
      <Route path="/listeners/:id">{({ id }) => <ListenerPage key={id} id={id} />}</Route>
      <Route path="/effects">
        <EffectsPage />
      </Route>
      <Route path="/graph">
        <Later load={graphPage} />
      </Route>
      <Route path="/decisions">
        <DecisionsPage />
      </Route>
      <Route path="/decisions/:id">{({ id }) => <DecisionPage key={id} id={id} />}</Route>
      <Route path="/models">
        <ModelsPage />
      </Route>
      <Route path="/models/:key">{({ key }) => <ModelPage key={key} modelKey={key} />}</Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}

function Brand() {
  return (
    <Link class="brand" href="/">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" style={{ fill: "var(--accent)" }} />
        <g style={{ fill: "var(--on-accent)" }}>
          <rect x="6" y="13" width="3.6" height="6" rx="1.8" />
          <rect x="11.5" y="9" width="3.6" height="14" rx="1.8" />
          <rect x="17" y="6" width="3.6" height="20" rx="1.8" />
          <rect x="22.5" y="11" width="3.6" height="10" rx="1.8" />
        </g>
      </svg>
      Decibel
    </Link>
  );
}

function Navigation({ sections }: { readonly sections: readonly Section[] }) {
  const [location] = useLocation();
  return (
    <nav class="nav" aria-label="Console">
      <ul>
        {sections.map(({ path, title }) => (
          <li key={path} class={BEGINS.has(path) ? "section" : ""}>
            <Link href={path} aria-current={isWithin(location, path) ? "page" : undefined}>
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** What is shown may be old; it is asked for again as soon as the gateway answers. */
function Offline() {
  if (useStore(isOnline)) return null;
  return (
    <p class="notice review offline" role="alert">
      <strong>The gateway does not answer.</strong> What you see is what was known; it is tried again.
    </p>
  );
}
