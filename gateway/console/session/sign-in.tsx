/** How does somebody sign in? By a token or a key that they have, or by the issuer of tokens where one is configured. */
import { useState } from "preact/hooks";
import { begin, signInSettings } from "./issuer.ts";
import { signIn, tokenIn } from "./session.ts";

export function SignInPage({ problem }: { readonly problem: string }) {
  const [text, setText] = useState("");
  const token = tokenIn(text);
  const isNone = token === undefined && text.trim() !== "";
  const settings = signInSettings();
  return (
    <main class="sign-in">
      <h1>Decibel</h1>
      {problem !== "" && (
        <p class="notice review" role="alert">
          {problem}
        </p>
      )}
      {settings && (
        <section class="panel">
          <h2>Sign in</h2>
          <p class="muted">At the issuer of your organisation; you come back here.</p>
          <p>
            <button type="button" class="primary" disabled={!isSecureContext} onClick={() => void begin(settings)}>
              Continue to {new URL(settings.authorizeUrl).host}
            </button>
          </p>
          {!isSecureContext && <p class="muted">That takes a page that came over TLS, and this one did not.</p>}
        </section>
      )}
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (token !== undefined) signIn(token);
        }}
      >
        <h2>{settings ? "Or with a token" : "Sign in with a token"}</h2>
        <div class="field">
          <label for="token">A token, or an API key</label>
          <textarea
            id="token"
            class="code"
            rows={4}
            spellcheck={false}
            autoComplete="off"
            value={text}
            aria-invalid={isNone}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {isNone && (
            <p class="notice deny small" role="alert">
              That is no token: it has characters that no token has.
            </p>
          )}
        </div>
        <p class="small muted">
          It is kept in this tab until the tab is closed, and sent to this gateway alone. <code>npm run keys</code>{" "}
          issues API keys.
        </p>
        <p>
          <button type="submit" class={settings ? "" : "primary"}>
            Sign in
          </button>
        </p>
      </form>
    </main>
  );
}
