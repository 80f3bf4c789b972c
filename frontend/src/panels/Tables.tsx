import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import type { MediaKind, MediaSeries } from "../api/types";
import { media } from "../state/run";
import { item } from "../state/view";
import { StepSlider } from "../widgets/StepSlider";
import { TABLES } from ".";
import { AccuracyView } from "./AccuracyView";
import { BinsView } from "./BinsView";
import { Choice } from "./Choice";
import { MatrixView } from "./MatrixView";
import { TableView } from "./TableView";

export interface FileProps {
  run: string;
  path: string;
}

const VIEWS: Partial<Record<MediaKind, FunctionComponent<FileProps>>> = {
  table: TableView,
  matrix: MatrixView,
  accuracy: AccuracyView,
  predictions: BinsView,
  residuals: BinsView,
};

/** Tables and matrices, PR and ROC, predictions and residuals: one at a time. */
export function Tables() {
  const series = media.value?.series.filter(({ kind }) => TABLES.includes(kind)) ?? [];
  const open = series.find(({ key }) => key === item.value) ?? series[0];
  return (
    <div class="split">
      <Choice
        label="Tables"
        choices={series.map(({ key, kind }) => ({ key, label: key, hint: kind }))}
        open={open?.key ?? ""}
      />
      <section class="shown">{open && <OneSeries key={open.key} series={open} />}</section>
    </div>
  );
}

function OneSeries({ series }: { series: MediaSeries }) {
  const place = useSignal(series.frames.length - 1);
  const frame = series.frames[Math.min(place.value, series.frames.length - 1)];
  const View = VIEWS[series.kind];
  if (!frame || !View) return null;
  return (
    <>
      <header class="subject">
        <h3>
          <bdi>{series.key}</bdi>
        </h3>
        {frame.step !== null && series.frames.length > 1 && <small>step {frame.step}</small>}
        <StepSlider frames={series.frames} place={place} label={series.key} />
      </header>
      <View run={media.value?.run ?? ""} path={frame.path} />
    </>
  );
}
