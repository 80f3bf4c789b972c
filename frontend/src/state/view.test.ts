import { beforeEach, expect, it } from "vitest";
import { followAddress, go, item, page, panel, query, runId, sort, statuses } from "./view";

beforeEach(() => history.replaceState(null, "", "/#azureml"));

it("is in the address, and comes from there", () => {
  followAddress();
  query.value = "status:running";
  statuses.value = new Set(["failed", "killed"]);
  sort.value = [
    { column: "metrics.loss", descending: true },
    { column: "name", descending: false },
  ];
  const link = location.hash;
  query.value = "";
  statuses.value = new Set();
  location.hash = link;
  dispatchEvent(new Event("hashchange"));
  expect(query.value).toBe("status:running");
  expect([...statuses.value]).toEqual(["failed", "killed"]);
  expect(sort.value[0]).toEqual({ column: "metrics.loss", descending: true });
});

it("goes to another page, and forgets what was open within the one before", () => {
  item.value = "report.md";
  go({ page: "run", run: "1", panel: "logs" });
  expect([page.value, runId.value, panel.value, item.value]).toEqual(["run", "1", "logs", ""]);
  go({ page: "runs" });
  expect(location.hash).not.toContain("p.azureml.run");
});
