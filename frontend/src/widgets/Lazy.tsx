import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";

type Loaded = { component: FunctionComponent } | { failed: true } | null;

/** A component whose code is fetched when it is first drawn. */
export function Lazy({ load }: { load: () => Promise<FunctionComponent> }) {
  const loaded = useSignal<Loaded>(null);
  useEffect(() => {
    let wanted = true;
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
  if (loaded.value === null) return <div class="waiting" aria-busy="true" />;
  if ("failed" in loaded.value) return <p class="why">A part of this page did not load. Reload TensorBoard.</p>;
  const Component = loaded.value.component;
  return <Component />;
}
