import { useEffect } from "preact/hooks";
import { RunPage } from "./pages/RunPage";
import { RunsPage } from "./pages/RunsPage";
import { help, page, runId } from "./state/view";
import { isTyping } from "./table/SearchBox";
import { HealthStrip } from "./widgets/HealthStrip";
import { Help } from "./widgets/Help";
import { Lazy } from "./widgets/Lazy";

const loadCompare = () => import("./pages/ComparePage").then((module) => module.ComparePage);
const loadSweep = () => import("./pages/SweepPage").then((module) => module.SweepPage);

export function App() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target)) return;
      if (event.key === "?") help.value = !help.value;
      if (event.key === "Escape") help.value = false;
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
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
