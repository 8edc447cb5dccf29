/** The middle one; of an even number the mean of both. Null where there is none. */
export function median(numbers) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

export function spread(numbers) {
  const finite = numbers.filter(Number.isFinite);
  return { median: median(finite), least: Math.min(...finite), most: Math.max(...finite) };
}
