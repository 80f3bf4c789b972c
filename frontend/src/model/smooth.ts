/**
 * The curve as TensorBoard smooths it: an exponential moving average that starts unbiased. Gaps stay gaps.
 *
 * @param weight 0 leaves the values as they are; towards 1 they flatten.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values];
  const finite = values.filter((value) => value !== null);
  if (finite.every((value) => value === finite[0])) return [...values]; // TensorBoard leaves constants alone
  let last = 0;
  let count = 0;
  return values.map((value) => {
    if (value === null) return null;
    last = last * weight + (1 - weight) * value;
    count += 1;
    return last / (1 - weight ** count);
  });
}
