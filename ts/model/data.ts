// What fit, evaluate and predict take as data, as tensors with one row a sample.
import { WasmgradError } from '../core/errors.js';
import { checkOptions, DTYPE, required, wholesFrom, type Rules } from '../core/options.js';
import type { BatchShape } from '../layers/layer.js';
import * as ops from '../ops.gen.js';
import { formatShape, isTypedArray, type DataType, type Shape, type TypedArray } from '../tensor/dtypes.js';
import { create, fromValues, run, toTensor, viewOf, type TensorLike } from '../tensor/run.js';
import { keep } from '../tensor/scopes.js';
import { disposedError, isTensor, type Tensor } from '../tensor/tensor.js';
import { parts, type Labelled } from './programs.js';
import { weightsOfClasses, type Weighting } from './weighting.js';

/** Flat values with a shape. */
export interface ShapedValues {
  /** Row-major. */
  values: TypedArray | readonly number[] | readonly boolean[];
  shape: Shape;
  /** By default that which `wg.tensor` gives such values. */
  dtype?: DataType;
}

/** One row a sample; tfjs's programs give it as a list of one tensor too. */
export type Samples = TensorLike | ShapedValues | readonly [Tensor];

const SHAPED: Rules<ShapedValues> = {
  values: required({ ok: (x) => Array.isArray(x) || isTypedArray(x), expected: 'a typed array or a list of numbers' }),
  shape: required(wholesFrom(0, '[2, 3]')),
  dtype: DTYPE,
};

/** Samples as tensors of their own: whoever gave them may dispose of his. */
export class Data implements Labelled<Tensor> {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly weights: Tensor | undefined;

  constructor([x, y, weights]: readonly Tensor[]) {
    [this.x, this.y, this.weights] = [x!, y!, weights];
  }

  /** Number of samples. */
  get size(): number {
    return this.x.shape[0]!;
  }

  /** The samples from `begin` to before `end`. */
  slice(begin: number, end: number): Data {
    return new Data(allOrNone((own) => parts(this).forEach((part) => own(sliceRows(part, begin, end)))));
  }

  dispose(): void {
    for (const part of parts(this)) part.dispose();
  }
}

/** The tensors that `f` makes; none if it throws. */
function allOrNone(f: (own: (made: Tensor) => Tensor) => void): Tensor[] {
  const made: Tensor[] = [];
  try {
    f((tensor) => (made.push(tensor), tensor));
    return made;
  } catch (error) {
    made.forEach((tensor) => tensor.dispose());
    throw error;
  }
}

/**
 * Inputs, targets and weights as tensors.
 * @param expected the shape of the model's inputs, if it is built
 * @throws if they are disposed, empty, or of different lengths.
 */
export function toData(
  place: string,
  x: Samples,
  y: Samples,
  expected: BatchShape | undefined,
  { sampleWeight, classWeight }: Weighting = {},
): Data {
  if (sampleWeight !== undefined && classWeight !== undefined) {
    throw new WasmgradError(`${place}: give sampleWeight or classWeight, not both: multiply them into sampleWeight`);
  }
  return new Data(
    allOrNone((own) => {
      const a = own(toInputs(`${place}: x`, x, expected));
      const b = own(toOwn(`${place}: y`, y));
      checkRows(place, a);
      checkLength(place, 'y', a, b);
      if (sampleWeight !== undefined) {
        const weights = own(toOwn(`${place}: sampleWeight`, sampleWeight));
        checkLength(place, 'sampleWeight', a, weights);
      }
      if (classWeight !== undefined) own(weightsOfClasses(place, b, classWeight));
    }),
  );
}

/** @throws unless there is one row of `given` for each of x. */
function checkLength(place: string, name: string, x: Tensor, given: Tensor): void {
  if (given.rank > 0 && x.shape[0] === given.shape[0]) return;
  const rows = given.rank === 0 ? 'is a scalar' : `has ${given.shape[0]} (shape ${formatShape(given.shape)})`;
  throw new WasmgradError(
    `${place}: x has ${x.shape[0]} samples (shape ${formatShape(x.shape)}), but ${name} ${rows}; ` +
      `give one row of x and one of ${name} for each sample`,
  );
}

/**
 * As `toOwn`, with Keras's rule for inputs: a last dimension of 1 is put or left out where the model expects it so.
 * @param expected the shape of the model's inputs, if it is built
 */
export function toInputs(place: string, given: Samples, expected: BatchShape | undefined): Tensor {
  const x = toOwn(place, given);
  const shape = fitted(x.shape, expected);
  if (shape === x.shape) return x;
  try {
    return keep(run(ops.reshape, [x], shape));
  } finally {
    x.dispose();
  }
}

/** The shape itself, or one with a last dimension of 1 more or less, if that is what is expected. */
function fitted(shape: Shape, expected: BatchShape | undefined): Shape {
  // Nothing is known yet: a list of numbers is a feature, as it is to most layers.
  if (expected === undefined) return shape.length === 1 ? [...shape, 1] : shape;
  const shorter = shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  const other = shape.length < expected.length ? [...shape, 1] : shorter;
  return fits(other, expected) ? other : shape;
}

/** Whether a batch of this shape, of any number of samples, can go into a model that expects inputs of a shape. */
export function fits(shape: Shape, expected: BatchShape): boolean {
  return shape.length === expected.length && expected.every((dim, i) => i === 0 || dim === null || dim === shape[i]);
}

/**
 * x as a tensor that belongs to the caller and that no `tidy` ends.
 * @throws if x is disposed, or neither a tensor nor numbers
 */
function toOwn(place: string, given: Samples): Tensor {
  const x = only(place, given);
  if (isShaped(x)) {
    checkOptions(place, x, SHAPED);
    return keep(fromValues(place, x.values, [...x.shape], x.dtype));
  }
  if (!isTensor(x)) return keep(toTensor(place, x));
  if (x.isDisposed) throw disposedError(x, place);
  return keep(run(ops.reshape, [x], x.shape));
}

function isShaped(x: TensorLike | ShapedValues): x is ShapedValues {
  return typeof x === 'object' && x !== null && !Array.isArray(x) && !isTypedArray(x) && !isTensor(x) && 'values' in x;
}

function only(place: string, x: Samples): TensorLike | ShapedValues {
  if (!Array.isArray(x) || !x.some(isTensor)) return x as TensorLike | ShapedValues;
  if (x.length === 1) return x[0] as Tensor;
  throw new WasmgradError(
    `${place}: expected one tensor, got a list of ${x.length}; join tensors with wg.concat, samples with wg.stack`,
  );
}

/** @throws if the tensor has no samples. */
export function checkRows(place: string, x: Tensor): void {
  if (x.rank === 0) {
    throw new WasmgradError(`${place}: expected one row for each sample, got a scalar; for one sample give [sample]`);
  }
  if (x.shape[0] === 0) {
    throw new WasmgradError(
      `${place}: the data are empty: x has shape ${formatShape(x.shape)}; give at least one sample`,
    );
  }
}

/** Consecutive batches of one size. */
export interface Rows {
  /** Samples of each batch. */
  rows: number;
  /** Where the first batch begins. */
  first: number;
  times: number;
}

/** Samples of a batch if none was asked for: as many as the steps need, or 32. */
export function batchSizeFor(size: number, steps: number | undefined): number {
  return steps === undefined ? 32 : Math.ceil(size / steps);
}

/** The batches from number `from` to before `to`: whole ones, then what is left. */
export function batchesOf(size: number, batchSize: number, from = 0, to = Infinity): Rows[] {
  const whole = Math.floor(size / batchSize);
  const rest = from <= whole && whole < to ? size % batchSize : 0;
  return [
    { rows: batchSize, first: from * batchSize, times: Math.min(whole, to) - from },
    { rows: rest, first: whole * batchSize, times: 1 },
  ].filter(({ rows, times }) => rows > 0 && times > 0);
}

/** 0, 1, 2, … as int32: the samples in their order. */
export function rowNumbers(size: number): Tensor {
  return keep(
    fromValues(
      'fit',
      Int32Array.from({ length: size }, (_, i) => i),
    ),
  );
}

/** How many samples stay to train with: those that are held back are the last ones, before any shuffle. */
export function splitPoint(place: string, size: number, validationSplit: number): number {
  const split = Math.floor(size * (1 - validationSplit));
  if (split === 0 || split === size) {
    throw new WasmgradError(
      `${place}: validationSplit ${validationSplit} of ${size} samples leaves none to train or to validate with`,
    );
  }
  return split;
}

/** The rows of a tensor from `begin` to before `end`, copied. */
function sliceRows(x: Tensor, begin: number, end: number): Tensor {
  const words = x.size / x.shape[0]!;
  const source = viewOf(x.handle, x.size, x.dtype).slice(begin * words, end * words);
  return keep(create([end - begin, ...x.shape.slice(1)], x.dtype, (view) => view.set(source)));
}

/** Where a value is not finite: `x[7][2] is NaN`. */
export function findNonFinite(name: string, x: Tensor): string | undefined {
  const values = x.dataSync();
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return undefined;
  let rest = at;
  const place = x.shape.map((_, axis) => {
    const stride = x.shape.slice(axis + 1).reduce((size, dim) => size * dim, 1);
    const index = Math.floor(rest / stride);
    rest %= stride;
    return `[${index}]`;
  });
  return `${name}${place.join('')} is ${values[at]}`;
}
