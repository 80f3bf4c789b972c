import type { ComponentChildren } from "preact";
import { CopyButton } from "./CopyButton";

/** What the page says when there is nothing to draw: why, and what to do. */
export function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card" role="status">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const FIRST_METRIC = `python -c "import mlflow; mlflow.log_metric('loss', 0.5)"`;

export function Empty({ location }: { location: string }) {
  return (
    <Card title="No runs yet">
      <p>
        <b>{location}</b> holds no run of the experiments that were chosen. Log a metric, and it appears here by itself:
      </p>
      <pre>{FIRST_METRIC}</pre>
      <CopyButton text={FIRST_METRIC} label="Copy the command" />
    </Card>
  );
}

interface FailedProps {
  what: string;
  why: string;
  diagnostics: string;
  onRetry: () => void;
  children?: ComponentChildren; // further ways on
}

export function Failed({ what, why, diagnostics, onRetry, children }: FailedProps) {
  return (
    <Card title={what}>
      <p class="why">{why}</p>
      <button type="button" class="primary" onClick={onRetry}>
        Try again
      </button>{" "}
      {children}
      <CopyButton text={diagnostics} label="Copy diagnostics" />
    </Card>
  );
}
