/** How a page comes by its token: a code that `qoc console` was given over the control socket, traded once. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { LoginToken } from "../http/shapes/login.ts";
import { type Problem, problemOf, tell } from "./api.ts";
import { codeIn, codeInHash } from "./login-code.ts";
import { Copy, Fault, Waiting } from "./parts.tsx";
import { dropToken, keepToken } from "./session.ts";

const trading = signal(false);
const refused = signal<Problem | null>(null);

/** A code in the address bar is taken out of it at once, so that it stays in no history and no screenshot. */
export function takeCode(): void {
  const code = codeInHash(location.hash);
  if (!location.hash.startsWith("#code=")) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (code !== null) void trade(code);
}

async function trade(code: string): Promise<void> {
  trading.value = true;
  try {
    const { token } = await tell<LoginToken>("/api/login", { code });
    refused.value = null;
    keepToken(token);
  } catch (error) {
    refused.value = problemOf(error);
  } finally {
    trading.value = false;
  }
}

/** The daemon forgets the token too; if it does not answer, this page forgets it all the same. */
export async function logOut(): Promise<void> {
  await tell("/api/logout", {}).catch(() => undefined);
  refused.value = null;
  dropToken();
}

export function Login(): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    const code = codeIn(field.current?.value ?? "");
    if (field.current !== null) field.current.value = "";
    if (code !== null) void trade(code);
  };
  if (trading.value) return <Waiting what="the login code" />;
  return (
    <section class="login" aria-labelledby="login-title">
      <h1 id="login-title">Sign in</h1>
      {refused.value === null ? null : <Fault problem={refused.value} />}
      <p>Run this where the daemon runs. It opens this page with a code that is good once, for a minute.</p>
      <p>
        <Copy text="qoc console" what="the command" shown />
      </p>
      <form class="login-form" onSubmit={submit}>
        <label for="login-code">Or paste the link or its code</label>
        <div class="joined">
          <input id="login-code" ref={field} type="password" autocomplete="off" spellcheck={false} maxLength={600} />
          <button type="submit">sign in</button>
        </div>
      </form>
    </section>
  );
}
