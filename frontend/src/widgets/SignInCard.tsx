import { signIn } from "../api/changes";
import type { SignIn } from "../api/types";
import { duration } from "../model/format";
import { attempt } from "../state/actions";
import { nowS } from "../state/clock";
import { CopyButton } from "./CopyButton";

/** How to sign in: the code to copy, where to type it, how long it holds. What was read before stays visible. */
export function SignInCard({ how }: { how: SignIn }) {
  const left = how.expires_s === null ? null : how.expires_s - nowS.value;
  const expired = left !== null && left <= 0;
  return (
    <section class="sign-in" role="status" aria-label="Sign in">
      <p>{how.message}</p>
      {how.code && !expired && (
        <p class="line">
          <code class="code">{how.code}</code>
          <CopyButton text={how.code} label="Copy the code" />
          {/^https:/.test(how.address) && (
            <a class="button primary" href={how.address} target="_blank" rel="noopener noreferrer">
              Open {how.address.replace(/^https:\/\//, "")}
            </a>
          )}
          {left !== null && <span class="hint">holds for {duration(left)}</span>}
        </p>
      )}
      {(how.state !== "waiting" || expired) && (
        <button type="button" class="primary" onClick={() => void attempt(signIn)}>
          {how.state === "needed" ? "Sign in" : "Get a new code"}
        </button>
      )}
    </section>
  );
}
