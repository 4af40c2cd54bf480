// Boundaries of bins that hold as many values each, as Keras estimates them from batches.

/** Values in ascending order, each with how many it stands for. */
export interface Summary {
  readonly values: Float32Array;
  readonly weights: Float32Array;
}

export const NOTHING: Summary = { values: new Float32Array(0), weights: new Float32Array(0) };

/** The summary of a batch, of about 1 / epsilon values. */
export function summarize(batch: Float32Array, epsilon: number): Summary {
  const sorted = batch.toSorted();
  const step = Math.max(sorted.length / (1 / epsilon), 1);
  const values = sorted.filter(
    (_, i) => i >= Math.floor(step - 1) && (i - Math.floor(step - 1)) % Math.floor(step) === 0,
  );
  return { values, weights: values.map(() => step) };
}

/** The summary of what both stand for. */
export function merge(a: Summary, b: Summary, epsilon: number): Summary {
  const [values, weights] = [
    [...a.values, ...b.values],
    [...a.weights, ...b.weights],
  ];
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const at = (list: number[]) => Float32Array.from(order, (i) => list[i]!);
  return compress({ values: at(values), weights: at(weights) }, epsilon);
}

/** The boundaries between `bins` bins; fewer if there were fewer values. */
export function boundaries(summary: Summary, bins: number): number[] {
  return Array.from(compress(summary, 1 / bins).values.subarray(0, -1));
}

/** At most 1 / epsilon values of the summary's distribution, read between its own. */
function compress({ values, weights }: Summary, epsilon: number): Summary {
  if (values.length * epsilon < 1) return { values, weights };
  let sum = 0;
  const sums = weights.map((weight) => (sum = Math.fround(sum + weight)));
  const shares = sums.map((one) => one / sum);
  const points = Array.from({ length: Math.ceil(1 / epsilon) }, (_, i) => epsilon + i * epsilon);
  const below = points.map((point) => interpolate(point, shares, sums));
  return {
    values: Float32Array.from(points, (point) => interpolate(point, shares, values)),
    weights: Float32Array.from(below, (one, i) => one - (below[i - 1] ?? 0)),
  };
}

/** The piecewise linear function through (xs, ys), constant outside: `numpy.interp`. */
function interpolate(x: number, xs: Float32Array, ys: Float32Array): number {
  if (x >= xs.at(-1)!) return ys.at(-1)!;
  const next = xs.findIndex((one) => one > x);
  if (next === 0) return ys[0]!;
  const [x0, x1, y0, y1] = [xs[next - 1]!, xs[next]!, ys[next - 1]!, ys[next]!];
  return ((y1 - y0) / (x1 - x0)) * (x - x0) + y0;
}
