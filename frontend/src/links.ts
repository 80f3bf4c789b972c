import { host } from "./host";

/** Address of a run's page, for links that open in a tab of their own. */
export function runAddress(id: string): string {
  const { pathname, search } = host.location;
  return `${pathname}${search}#azureml&p.azureml.page=run&p.azureml.run=${encodeURIComponent(id)}`;
}
