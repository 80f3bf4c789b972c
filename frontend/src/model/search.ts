import type { Column } from "../api/types";

/** What search, status chips and experiment leave, as one text in the language of the search. Pure. */
export function wholeSearch(query: string, statuses: Iterable<string>, experiment: string): string {
  const chips = [...statuses].map((status) => `status:${status}`).join(" OR ");
  const name = experiment && `experiment = ${quoted(experiment)}`;
  const parts = [query.trim(), chips, name].filter(Boolean);
  return parts.length > 1 ? parts.map((part) => `(${part})`).join(" ") : (parts[0] ?? "");
}

function quoted(text: string): string {
  const quote = ['"', "'", "`"].find((one) => !text.includes(one)) ?? '"';
  return `${quote}${text}${quote}`;
}

const COMPARED = /^([A-Za-z_][\w.-]*)\s*(?:[<>=~]|!=|!~)/;
const BEFORE = { param: "params", metric: "metrics", tag: "tags" };

/** `text` with what its error at `position` lacks: the one kind of column that has this name. Null where none or more do. */
export function completed(text: string, position: number, columns: readonly Column[]): string | null {
  const name = COMPARED.exec(text.slice(position))?.[1];
  const found = columns.filter((column) => column.name === name);
  const likely = found.some(({ kind }) => kind !== "tag") ? found.filter(({ kind }) => kind !== "tag") : found;
  const [one] = likely;
  if (!one || likely.length > 1) return null;
  return `${text.slice(0, position)}${BEFORE[one.kind]}.${text.slice(position)}`;
}
