// Products of matrices and vectors, and norms.
import { WasmgradError, describe } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import { isTensor, type Tensor, type Tensor2D } from '../tensor.js';
import { asDtype, axesOf, operand } from './operands.js';
import { max, min, sum, type Axis } from './reduction.js';
import { expandDims } from './shape.js';

/**
 * a (…, m, k) times b (…, k, n): (…, m, n). Batch dimensions broadcast. Of two integers the result is int32, exact
 * below 2²⁴.
 * @param transposeA whether a is given as (…, k, m)
 * @param transposeB whether b is given as (…, n, k)
 * @throws if one is no matrix, or the inner dimensions differ.
 */
export function matMul(a: TensorLike, b: TensorLike, transposeA = false, transposeB = false): Tensor {
  if (isTensor(a) && isTensor(b) && a.dtype === 'float32' && b.dtype === 'float32') {
    return run(ops.matMul, [a, b], transposeA, transposeB);
  }
  return inScope('matMul', () => {
    const [x, y] = [toTensor('matMul', a), toTensor('matMul', b)];
    const product = run(ops.matMul, [asDtype(x, 'float32'), asDtype(y, 'float32')], transposeA, transposeB);
    return x.dtype === 'float32' || y.dtype === 'float32' ? product : asDtype(product, 'int32');
  });
}

/** The product of two vectors or matrices: a scalar of two vectors, a vector of a vector and a matrix. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  return inScope('dot', () => {
    const [x, y] = [toTensor('dot', a), toTensor('dot', b)];
    if ([x, y].some(({ rank }) => rank < 1 || rank > 2)) {
      throw new WasmgradError(`dot: expected vectors or matrices, got shapes [${x.shape}] and [${y.shape}]`);
    }
    const [left, right] = [x.rank === 1 ? expandDims(x, 0) : x, y.rank === 1 ? expandDims(y, 1) : y];
    const product = matMul(left, right);
    const shape = [...x.shape.slice(0, -1), ...y.shape.slice(1)];
    return run(ops.reshape, [product], shape);
  });
}

/** All products of an element of a with one of b: of vectors (m) and (n) a matrix (m, n). */
export function outerProduct(a: TensorLike, b: TensorLike): Tensor2D {
  return inScope('outerProduct', () => {
    const [x, y] = [toTensor('outerProduct', a), toTensor('outerProduct', b)];
    if (x.rank !== 1 || y.rank !== 1) {
      throw new WasmgradError(`outerProduct: expected vectors, got shapes [${x.shape}] and [${y.shape}]`);
    }
    return matMul(expandDims(x, 1), expandDims(y, 0));
  }) as Tensor2D;
}

/** Which norm. */
export type NormOrder = number | 'euclidean' | 'fro';

/**
 * A norm of vectors (along one axis, or of all elements) or of matrices (along two axes).
 * @param ord `euclidean` (default, of matrices `fro`: the root of the sum of squares), 1, 2 (vectors only), Infinity, -Infinity
 * @throws if there is no such norm.
 */
export function norm(x: TensorLike, ord: NormOrder = 'euclidean', axis: Axis = null, keepDims = false): Tensor {
  return inScope('norm', () => {
    const values = operand('norm', x, 'float');
    const axes = axesOf('norm', axis, values.rank);
    const size = run(ops.abs, [values]);
    const isMatrix = axis !== null && axes.length === 2;
    if (axes.length > 2 && axis !== null) {
      throw new WasmgradError(`norm: expected one axis (of vectors) or two (of matrices), got ${axes.length}`);
    }
    if (ord === 'euclidean' || ord === 'fro' || (ord === 2 && !isMatrix)) {
      return run(ops.sqrt, [sum(run(ops.square, [values]), axes, keepDims)]);
    }
    if (!isMatrix) {
      if (ord === 1) return sum(size, axes, keepDims);
      if (ord === Infinity) return max(size, axes, keepDims);
      if (ord === -Infinity) return min(size, axes, keepDims);
    } else {
      const [rows, columns] = axes as [number, number];
      // The axes that are summed stay, so that the other one keeps its number.
      const byOne = (along: number, pick: typeof max) => {
        const picked = pick(sum(size, along, true), axes, true);
        return keepDims ? picked : sum(picked, axes);
      };
      if (ord === 1) return byOne(rows, max);
      if (ord === Infinity) return byOne(columns, max);
      if (ord === -Infinity) return byOne(columns, min);
    }
    throw new WasmgradError(
      `norm: there is no norm of order ${describe(ord)} of ${isMatrix ? 'matrices' : 'vectors'} here`,
    );
  });
}

/** The root of the sum of squares. */
export function euclideanNorm(x: TensorLike, axis: Axis = null, keepDims = false): Tensor {
  return norm(x, 'euclidean', axis, keepDims);
}
