import { type Dashboard, isTyping } from "./host";
import { openIn } from "./state/dashboards";
import { selectedRuns } from "./state/runs";
import { compared, go, help, page, runId } from "./state/view";

/** Keys that work everywhere; those of the table are beside it. */

const NEXT_WITHIN_MS = 1500;

const DASHBOARDS: Record<string, Dashboard> = { t: "timeseries", h: "hparams", i: "images" };

/** What a letter behind `g` goes to. */
function goTo(letter: string): void {
  const dashboard = DASHBOARDS[letter];
  const selected = selectedRuns.value.filter((run) => !run.stub).map((run) => run.id);
  if (dashboard) {
    const here = page.value === "run" ? [runId.value] : page.value === "compare" ? compared.value : selected;
    openIn(dashboard, here);
  } else if (letter === "r") go({ page: "runs" });
  else if (letter === "s") go({ page: "sweep" });
  else if (letter === "c" && selected.length > 1) go({ page: "compare", runs: selected });
}

/** Listens until what it returns is called. */
export function followKeys(): () => void {
  let afterG = Number.NEGATIVE_INFINITY;
  const onKey = (event: KeyboardEvent) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") help.value = !help.value;
    else if (event.key === "Escape") help.value = false;
    else if (event.timeStamp - afterG < NEXT_WITHIN_MS) goTo(event.key);
    afterG = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
