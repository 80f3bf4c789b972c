import { beforeEach, describe, expect, it } from "vitest";
import { dashboardAddress, readState, writeState } from "./host";

beforeEach(() => history.replaceState(null, "", "/prefix/?darkMode=true#azureml"));

describe("the address", () => {
  it("gives back what was written, whatever it is made of", () => {
    const state = { q: 'name ~ /a&b=c#d/ "é" %', run: "a/b c", sort: "-metrics.x\nparams.y" };
    writeState(state, false);
    expect(readState()).toEqual(state);
    expect(location.pathname + location.search).toBe("/prefix/?darkMode=true");
  });

  it("leaves the parts of others alone", () => {
    history.replaceState(null, "", "/#azureml&p.other.x=1&p.azureml.q=old");
    writeState({ q: "new" }, false);
    expect(location.hash).toBe("#azureml&p.other.x=1&p.azureml.q=new");
  });

  it("takes a step that Back undoes only when told to", () => {
    const before = history.length;
    writeState({ q: "a" }, false);
    expect(history.length).toBe(before);
    writeState({ page: "run" }, true);
    expect(history.length).toBe(before + 1);
  });

  it("reads nonsense as nothing", () => {
    history.replaceState(null, "", "/#azureml&p.azureml.q=%E0%A4%A&=&p.azureml.");
    expect(readState().q).toBe("%E0%A4%A");
  });
});

describe("the way into a dashboard", () => {
  it("names the runs as a regular expression that finds them and no others", () => {
    const names = ["a.b/run (1)", "a$b/run [2]"];
    const address = new URL(dashboardAddress("timeseries", names, "loss+"), location.href);
    const filter = new RegExp(address.searchParams.get("runFilter") ?? "");
    expect(names.every((name) => filter.test(name))).toBe(true);
    expect(filter.test("aXb/run (1)")).toBe(false);
    expect(new RegExp(address.searchParams.get("tagFilter") ?? "").test("loss+")).toBe(true);
    expect(address.searchParams.get("darkMode")).toBe("true");
    expect(address.hash).toBe("#timeseries");
  });

  it("keeps the filters of the older dashboards in the hash", () => {
    const address = new URL(dashboardAddress("images", ["a b"]), location.href);
    expect(address.hash).toBe("#images&regexInput=%5E(a%20b)%24");
    expect(address.searchParams.has("runFilter")).toBe(false);
  });
});
