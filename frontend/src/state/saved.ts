import { effect, type Signal, signal } from "@preact/signals";

/** A value that this browser keeps. What it kept before is taken only where it has the right shape. */
export function saved<T>(name: string, usual: T, isValid: (value: unknown) => value is T): Signal<T> {
  const key = `tb-aml.${name}`;
  const found = signal(usual);
  try {
    const before: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (isValid(before)) found.value = before;
  } catch {
    // Nothing was kept, storage is forbidden, or another program wrote there: start afresh.
  }
  effect(() => {
    const text = JSON.stringify(found.value);
    try {
      localStorage.setItem(key, text);
    } catch {
      // Forbidden or full: the choice holds until the page is closed.
    }
  });
  return found;
}

export const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

export const isTextsOrNull = (value: unknown): value is string[] | null => value === null || isTexts(value);

export const isNumbers = (value: unknown): value is Record<string, number> =>
  typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "number");

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
