import type { Column, RunRow } from "../api/types";
import { cellText, number } from "../model/format";
import type { GroupLine } from "../model/table";
import { Sparkline } from "../widgets/Sparkline";
import { Status } from "../widgets/Status";
import { Ago, Duration } from "../widgets/times";

interface CellProps {
  name: string;
  run: RunRow;
  column: Column | undefined;
  index: number; // of the column in `RunRow.cells`
  isBest: boolean;
  colour: string | null;
}

/** What stands in one cell of a run's row. */
export function CellContent({ name, run, column, index, isBest, colour }: CellProps) {
  if (name === "status") return <Status status={run.status} />;
  if (name === "started") return <Ago epochS={run.start_s} />;
  if (name === "duration") return <Duration run={run} />;
  if (name === "curve") return <Sparkline run={run.id} colour={colour ?? "currentColor"} />;
  const text = name === "experiment" ? run.experiment : name === "user" ? run.user : cellText(run.cells[index]);
  return (
    <bdi title={column?.kind === "metric" ? String(run.cells[index] ?? "") : text}>
      {text}
      {isBest && (
        <span class="best" title={`best ${column?.name}`}>
          {" "}
          ★<span class="unseen">best</span>
        </span>
      )}
    </bdi>
  );
}

/** Mean, lowest and highest of a group in one column. */
export function GroupCell({ line, name }: { line: GroupLine; name: string }) {
  const found = line.summary(name);
  if (!found) return null;
  const range = `${number(found.min)} … ${number(found.max)}`;
  return (
    <span title={`mean ${found.mean}, lowest ${found.min}, highest ${found.max}`}>
      {number(found.mean)}
      <small>{range}</small>
    </span>
  );
}

export function isNumeric(name: string, column: Column | undefined): boolean {
  return column?.numeric === true || name === "started" || name === "duration";
}
