// Data for all sides, and the comparison of their results.

let state = 1;
/** Uniform numbers in [0, 1), the same in every run. */
export function uniform(n) {
  return Float32Array.from({ length: n }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}

/**
 * What can be learnt from x (rows, inputs): in which part of [0, 1) a row's first number lies, as one-hot classes (rows,
 * units), or as yes and no if there is one unit.
 */
export function targets(x, inputs, units) {
  const classes = Math.max(2, units);
  return Float32Array.from({ length: (x.length / inputs) * units }, (_, i) => {
    const part = Math.floor(x[Math.floor(i / units) * inputs] * classes);
    return Number(part === (units === 1 ? 1 : i % units));
  });
}

/** @throws if two results differ by more than `tolerance`, relative to the largest. */
export function checkAgree(what, x, y, tolerance) {
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest(y);
  const worst = largest(x.map((value, i) => value - y[i]));
  if (!(worst <= tolerance * scale)) throw new Error(`${what}: the sides differ by ${worst}, of ${scale}`);
}
