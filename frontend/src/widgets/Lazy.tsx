import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";

type Loaded<P> = { component: FunctionComponent<P> } | { failed: true } | null;

/** A component whose code is fetched when it is first drawn; it is given all other props. */
export function Lazy<P extends object = object>({ load, ...props }: { load: () => Promise<FunctionComponent<P>> } & P) {
  const loaded = useSignal<Loaded<P>>(null);
  useEffect(() => {
    let wanted = true;
    loaded.value = null;
    load().then(
      (component) => {
        if (wanted) loaded.value = { component };
      },
      () => {
        if (wanted) loaded.value = { failed: true };
      },
    );
    return () => {
      wanted = false;
    };
  }, [load]);
  if (loaded.value === null) return <div class="waiting" role="status" aria-busy="true" aria-label="Loading" />;
  if ("failed" in loaded.value) return <p class="why">A part of this page did not load. Reload TensorBoard.</p>;
  const Component = loaded.value.component;
  return <Component {...(props as unknown as P)} />;
}
