const SYSTEM = "system/";

/** Metrics of the model by name, then those that MLflow takes of the machine. */
export function metricsFirst(names: readonly string[]): string[] {
  const ofMachine = (name: string) => Number(name.startsWith(SYSTEM));
  return [...names].sort((a, b) => ofMachine(a) - ofMachine(b) || a.localeCompare(b));
}
