// Data for all sides, and the comparison of their results.

let state = 1;
/** Uniform numbers in [0, 1), the same in every run. */
export function uniform(n) {
  return Float32Array.from({ length: n }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}

/** @throws if two results differ by more than `tolerance`, relative to the largest. */
export function checkAgree(what, x, y, tolerance) {
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest(y);
  const worst = largest(x.map((value, i) => value - y[i]));
  if (!(worst <= tolerance * scale)) throw new Error(`${what}: the sides differ by ${worst}, of ${scale}`);
}
