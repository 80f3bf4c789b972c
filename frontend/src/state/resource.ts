import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { RequestError } from "../api/client";

/** Something asked for: what came last, why nothing newer came, whether an answer is due. */
export interface Resource<T> {
  value: T | null;
  problem: RequestError | null;
  loading: boolean;
  retry: () => void;
}

/**
 * Asks when drawn first and whenever one of `needs` changes; the question before is given up then.
 *
 * The last answer stays until the next: give a component another `key` where it must not.
 */
export function useResource<T>(ask: (signal: AbortSignal) => Promise<T>, needs: readonly unknown[]): Resource<T> {
  const value = useSignal<T | null>(null);
  const problem = useSignal<RequestError | null>(null);
  const loading = useSignal(true);
  const attempt = useSignal(0);
  useEffect(() => {
    const abort = new AbortController();
    loading.value = true;
    ask(abort.signal).then(
      (answer) => {
        if (abort.signal.aborted) return;
        value.value = answer;
        problem.value = null;
        loading.value = false;
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof RequestError)) throw error;
        problem.value = error;
        loading.value = false;
      },
    );
    return () => abort.abort();
  }, [...needs, attempt.value]);
  return {
    value: value.value,
    problem: problem.value,
    loading: loading.value,
    retry: () => {
      attempt.value += 1;
    },
  };
}
