import type { Trouble } from "../api/types";

/** What does not work, each cause once. Pure. */

export interface Told {
  abouts: string[]; // what it hinders
  message: string;
  since_s: number; // of the first
}

/** `troubles` with those of one cause as one: where a text ends with another's, or with one `known` from elsewhere. */
export function saidOnce(troubles: readonly Trouble[], known: readonly string[]): Told[] {
  const told: Told[] = [];
  const shortest = [...troubles].sort((one, other) => one.message.length - other.message.length);
  for (const { about, message, since_s } of shortest) {
    if (known.some((text) => text && message.endsWith(text))) continue;
    const same = told.find((one) => message.endsWith(one.message));
    if (!same) told.push({ abouts: [about], message, since_s });
    else {
      if (!same.abouts.includes(about)) same.abouts.push(about);
      same.since_s = Math.min(same.since_s, since_s);
    }
  }
  return told;
}
