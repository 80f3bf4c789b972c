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
