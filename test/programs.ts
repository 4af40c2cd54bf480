// Random programs of matrices, run on tensors and, as a twin, on numbers of double precision.
import * as fc from 'fast-check';
import type { Tensor } from '../ts/index.js';

/** All values are matrices of this shape. */
export const SHAPE = [2, 3];
const [ROWS, COLUMNS] = [2, 3];
/** A matrix, row-major. */
type Matrix = readonly number[];

interface Operation {
  tensor: (a: Tensor, b: Tensor) => Tensor;
  numbers: (a: Matrix, b: Matrix) => Matrix;
}

const sum = (xs: Matrix) => xs.reduce((total, x) => total + x, 0);
const each = (f: (x: number, y: number) => number) => (a: Matrix, b: Matrix) => a.map((x, i) => f(x, b[i]!));
const byRow = (f: (row: Matrix) => Matrix) => (a: Matrix) => [...f(a.slice(0, COLUMNS)), ...f(a.slice(COLUMNS))];
const at = (i: number) => [Math.floor(i / COLUMNS), i % COLUMNS] as const;

/** Each is smooth, and gives small numbers for small ones. */
const OPERATIONS: Record<string, Operation> = {
  add: { tensor: (a, b) => a.add(b), numbers: each((x, y) => x + y) },
  sub: { tensor: (a, b) => a.sub(b), numbers: each((x, y) => x - y) },
  mul: { tensor: (a, b) => a.mul(b), numbers: each((x, y) => x * y) },
  div: { tensor: (a, b) => a.div(b.square().add(1)), numbers: each((x, y) => x / (y * y + 1)) },
  sin: { tensor: (a) => a.sin(), numbers: each(Math.sin) },
  tanh: { tensor: (a) => a.tanh(), numbers: each(Math.tanh) },
  sigmoid: { tensor: (a) => a.sigmoid(), numbers: each((x) => 1 / (1 + Math.exp(-x))) },
  softplus: { tensor: (a) => a.softplus(), numbers: each((x) => Math.log1p(Math.exp(x))) },
  half: { tensor: (a) => a.mul(0.5), numbers: each((x) => x / 2) },
  softmax: {
    tensor: (a) => a.softmax(),
    numbers: byRow((row) => row.map((x) => Math.exp(x) / sum(row.map(Math.exp)))),
  },
  cumsum: { tensor: (a) => a.cumsum(1), numbers: byRow((row) => row.map((_, i) => sum(row.slice(0, i + 1)))) },
  centre: {
    tensor: (a) => a.sub(a.mean(1, true)),
    numbers: byRow((row) => row.map((x) => x - sum(row) / COLUMNS)),
  },
  reverse: { tensor: (a) => a.reverse(1), numbers: byRow((row) => row.toReversed()) },
  shift: {
    tensor: (a) => a.slice([0, 1]).pad([[0, 0], [0, 1]]), // prettier-ignore
    numbers: byRow((row) => [...row.slice(1), 0]),
  },
  swap: { tensor: (a) => a.gather([1, 0]), numbers: (a) => [...a.slice(COLUMNS), ...a.slice(0, COLUMNS)] },
  mix: {
    // a bᵀ a / 4
    tensor: (a, b) => a.matMul(b, false, true).matMul(a).div(4),
    numbers: (a, b) => {
      const gram = (i: number, j: number) => sum(a.slice(i * COLUMNS, (i + 1) * COLUMNS).map((x, k) => x * b[j * COLUMNS + k]!));
      return a.map((_, place) => sum(Array.from({ length: ROWS }, (_, j) => gram(at(place)[0], j) * a[j * COLUMNS + at(place)[1]]!)) / 4);
    },
  },
  outer: {
    // The columns' sums, tiled.
    tensor: (a, b) => a.sum(0).tile([2]).reshape([2, 3]).mul(b),
    numbers: (a, b) => b.map((y, i) => y * (a[i % COLUMNS]! + a[(i % COLUMNS) + COLUMNS]!)),
  },
}; // prettier-ignore

/** Each instruction takes two earlier values, by number, and appends one. */
export type Instructions = readonly { name: string; a: number; b: number }[];

export const instructions: fc.Arbitrary<Instructions> = fc.array(
  fc.record({ name: fc.constantFrom(...Object.keys(OPERATIONS)), a: fc.nat(20), b: fc.nat(20) }),
  { minLength: 1, maxLength: 8 },
);

/** Numbers of a matrix. */
export const matrix = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });

function last<T>(program: Instructions, inputs: readonly T[], step: (name: string, a: T, b: T) => T): T {
  const values = [...inputs];
  for (const { name, a, b } of program) {
    values.push(step(name, values[a % values.length]!, values[b % values.length]!));
  }
  return values.at(-1)!;
}

/** The last value, plus all inputs: so it depends on each. */
export function runOnTensors(program: Instructions, inputs: readonly Tensor[]): Tensor {
  return inputs.reduce(
    (x, y) => x.add(y),
    last(program, inputs, (name, a, b) => OPERATIONS[name]!.tensor(a, b)),
  );
}

/** As `runOnTensors`. */
export function runOnNumbers(program: Instructions, inputs: readonly Matrix[]): Matrix {
  return inputs.reduce(
    each((x, y) => x + y),
    last(program, inputs, (name, a, b) => OPERATIONS[name]!.numbers(a, b)),
  );
}
