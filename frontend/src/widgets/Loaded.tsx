import type { ComponentChildren } from "preact";
import type { Resource } from "../state/resource";

interface Props<T> {
  of: Resource<T>;
  children: (value: T) => ComponentChildren;
}

/** What was asked for, once it is there; before, that it is awaited, or why it will not come. */
export function Loaded<T>({ of: { value, problem, loading, retry }, children }: Props<T>) {
  return (
    <>
      {problem && (
        <div class="why" role="alert">
          {problem.message}{" "}
          <button type="button" onClick={retry}>
            Try again
          </button>
        </div>
      )}
      {value === null && loading && <div class="waiting" role="status" aria-busy="true" aria-label="Loading" />}
      {value !== null && children(value)}
    </>
  );
}
