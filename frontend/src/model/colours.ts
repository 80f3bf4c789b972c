/** The colours that Time Series gives to runs. Pure but for the order it remembers. */

const LIGHT = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"];
const DARK = ["#8e98a3", ...LIGHT.slice(1)];

/**
 * Run name → place in the order in which TensorBoard met the runs.
 *
 * TensorBoard gives the next colour to each run it has not seen before, in the order of its own listing, and keeps it.
 */
export class ColourOrder {
  private readonly places = new Map<string, number>();

  /** `names` as TensorBoard lists them; those not met before come after all others. */
  meet(names: readonly string[]): void {
    for (const name of names) if (!this.places.has(name)) this.places.set(name, this.places.size);
  }

  /** Null for a run that TensorBoard does not show. */
  of(name: string, dark: boolean): string | null {
    const place = this.places.get(name);
    const palette = dark ? DARK : LIGHT;
    return place === undefined ? null : (palette[place % palette.length] ?? null);
  }
}

/** Colours for curves that are drawn together, by their place in the picture. */
export function distinct(place: number, dark: boolean): string {
  const palette = dark ? DARK : LIGHT;
  return palette[(place + 1) % palette.length] ?? "#12b5cb";
}
