// Ops on tensors: at once on values, as nodes on symbolic tensors. The core decides by what is being done.
import { blockFor, blockStart, check, heap, seam, tensorStart } from '../core/core.js';
import { DTYPES, optionWords, writeOptions, type Op } from '../core/op.js';
import {
  flattenInto,
  checkShape,
  inferDtype,
  inferShape,
  isTypedArray,
  sizeOf,
  type DataType,
  type NestedArray,
  type Shape,
} from './dtypes.js';
import { WasmgradError, describe } from '../core/errors.js';
import { disposedError, isTensor, SYMBOLIC, Tensor } from './tensor.js';

/** A tensor, or numbers that become one. */
export type TensorLike = Tensor | NestedArray;

/** Runs an op and gives all of its results. An operand that the op writes is its own result. */
export function runAll<O extends readonly unknown[]>(op: Op<O>, operands: readonly Tensor[], ...options: O): Tensor[] {
  const count = call(op, operands, options);
  return readResults(count).map((result) => tensorOf(result, operands));
}

/** Runs an op and gives its first result. */
export function run<O extends readonly unknown[]>(op: Op<O>, operands: readonly Tensor[], ...options: O): Tensor {
  call(op, operands, options);
  return tensorOf(readResult(heap(), blockStart()), operands);
}

/** Runs an op of which every result is an operand that it writes. */
export function runWriting<O extends readonly unknown[]>(op: Op<O>, operands: readonly Tensor[], ...options: O): void {
  call(op, operands, options);
}

/** Puts operands and options into the argument block and runs the op: the number of results, which stand there then. */
function call(op: Op, operands: readonly Tensor[], options: readonly unknown[]): number {
  // A host scalar gets its handle when it is first asked for, by the block: so all are asked before the first is written.
  for (const operand of operands) {
    if (operand.isDisposed) throw disposedError(operand, op.name);
    void operand.handle;
  }
  let at = blockFor(operands.length + optionWords(op, options));
  const words = heap();
  for (const operand of operands) words[at++] = operand.handle;
  const end = writeOptions(op, options, words, at);
  return check(seam.apply(op.id, operands.length, end - at));
}

interface Result {
  id: number;
  shape: Shape;
  dtype: DataType;
}

function tensorOf({ id, shape, dtype }: Result, operands: readonly Tensor[]): Tensor {
  // A node is another one than its operands, whatever it is merged with.
  if (id < SYMBOLIC) for (const operand of operands) if (operand.handle === id) return operand;
  return new Tensor(id, shape, dtype);
}

/** The handles and types that the core left in the argument block. */
export function readResults(count: number): Result[] {
  let at = blockStart();
  const words = heap();
  const results: Result[] = [];
  for (let i = 0; i < count; i++) {
    const result = readResult(words, at);
    results.push(result);
    at += 3 + result.shape.length;
  }
  return results;
}

function readResult(words: Uint32Array, at: number): Result {
  const shape: Shape = [];
  for (let i = 0; i < words[at + 2]!; i++) shape.push(words[at + 3 + i]!);
  return { id: words[at]!, shape, dtype: DTYPES[words[at + 1]!]! };
}

/** Puts dimensions into the argument block. */
export function writeDims(dims: readonly number[]): void {
  const block = blockFor(dims.length);
  heap().set(dims, block);
}

/** A tensor of the given shape; `fill` writes all of its elements. */
export function create(shape: Shape, dtype: DataType, fill: (values: Float32Array | Int32Array) => void): Tensor {
  const handle = createHandle(shape, dtype);
  fill(viewOf(handle, sizeOf(shape), dtype));
  return new Tensor(handle, shape, dtype);
}

function createHandle(shape: Shape, dtype: DataType): number {
  checkShape('tensor', shape);
  writeDims(shape);
  return check(seam.tensor_new(DTYPES.indexOf(dtype), shape.length));
}

/** The words of a tensor in the heap: valid until the next call into the core. */
export function viewOf(handle: number, size: number, dtype: DataType): Float32Array | Int32Array {
  const start = tensorStart(handle) * 4;
  const { buffer } = heap();
  return dtype === 'float32' ? new Float32Array(buffer, start, size) : new Int32Array(buffer, start, size);
}

/**
 * A tensor of nested arrays or a typed array.
 * @throws if the values are ragged, or do not fill `shape`.
 */
export function fromValues(place: string, values: NestedArray, shape?: Shape, given?: DataType): Tensor {
  const inferred = inferShape(place, values);
  const dtype = given ?? inferDtype(values);
  const size = sizeOf(inferred);
  if (shape !== undefined && sizeOf(shape) !== size) {
    throw new WasmgradError(
      `${place}: ${size} values do not fill shape [${shape}], which has ${sizeOf(shape)} elements`,
    );
  }
  if (shape !== undefined && inferred.length > 1 && String(shape) !== String(inferred)) {
    throw new WasmgradError(
      `${place}: nested arrays of shape [${inferred}] were given with shape [${shape}]; leave the shape out, or give flat values`,
    );
  }
  return create(shape ?? inferred, dtype, (view) => {
    if (dtype !== 'bool') return void flattenInto(values, view);
    // An int32 would cut 0.5 and NaN to 0.
    const exact = new Float64Array(size);
    flattenInto(values, exact);
    exact.forEach((value, i) => (view[i] = value === 0 ? 0 : 1));
  });
}

/**
 * The operand as a tensor. What is made of plain numbers belongs to the caller: see `withTensors`.
 * @throws if it is neither a tensor nor numbers.
 */
export function toTensor(place: string, x: TensorLike, dtype?: DataType): Tensor {
  if (isTensor(x)) return x;
  if (typeof x !== 'number' && typeof x !== 'boolean' && !Array.isArray(x) && !isTypedArray(x)) {
    throw new WasmgradError(`${place}: expected a tensor or numbers, got ${describe(x)}`);
  }
  return fromValues(place, x, undefined, dtype);
}

/** Calls `f` with the operands as tensors and disposes of those that were made for the call. */
export function withTensors<T>(place: string, operands: readonly TensorLike[], f: (...tensors: Tensor[]) => T): T {
  const made: Tensor[] = [];
  try {
    const tensors = operands.map((operand) => {
      const tensor = toTensor(place, operand);
      if (tensor !== operand) made.push(tensor);
      return tensor;
    });
    const result = f(...tensors);
    // An op that only shows its operand (reshape) may give back what was made here.
    return made.includes(result as Tensor) ? (made.splice(made.indexOf(result as Tensor), 1), result) : result;
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}
