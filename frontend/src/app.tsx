import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { followKeys } from "./keys";
import { RunPage } from "./pages/RunPage";
import { RunsPage } from "./pages/RunsPage";
import { stale } from "./state/runs";
import { help, page, runId } from "./state/view";
import { HealthStrip } from "./widgets/HealthStrip";
import { Help } from "./widgets/Help";
import { Lazy } from "./widgets/Lazy";

const loadCompare = () => import("./pages/ComparePage").then((module) => module.ComparePage);
const loadSweep = () => import("./pages/SweepPage").then((module) => module.SweepPage);

export function App() {
  useEffect(followKeys, []);
  useEffect(() => effect(() => void document.body.classList.toggle("stale", stale.value !== null)), []);
  return (
    <>
      <HealthStrip />
      <CurrentPage />
      {help.value && (
        <Help
          onClose={() => {
            help.value = false;
          }}
        />
      )}
    </>
  );
}

function CurrentPage() {
  if (page.value === "run") return <RunPage key={runId.value} id={runId.value} />;
  if (page.value === "compare") return <Lazy load={loadCompare} />;
  if (page.value === "sweep") return <Lazy load={loadSweep} />;
  return <RunsPage />;
}
