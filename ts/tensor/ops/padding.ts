// Functions that put something around tensors.
import { WasmgradError, describe } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor.js';

/** Elements before and after a tensor in one dimension. */
export type Padding = readonly [before: number, after: number];

/** x with `paddings[i]` elements of a constant before it and after it in dimension i. */
export function pad(x: TensorLike, paddings: readonly Padding[], constantValue = 0): Tensor {
  return padded('pad', x, paddings, constantValue);
}

function padded(place: string, x: TensorLike, paddings: readonly Padding[], value = 0): Tensor {
  return inScope(place, () => {
    const tensor = toTensor(place, x);
    checkPaddings(place, tensor, paddings);
    return run(ops.pad, [tensor], paddings.flat(), value);
  });
}

function checkPaddings(place: string, { rank, shape }: Tensor, paddings: readonly Padding[]): void {
  const isPair = (pair: Padding) => pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0);
  if (paddings.length !== rank || !paddings.every(isPair)) {
    throw new WasmgradError(
      `${place}: expected [before, after] for each dimension of shape [${shape}], got ${describe(paddings)}`,
    );
  }
}

/** A vector with something before and after it. */
export function pad1d(x: TensorLike, paddings: Padding, constantValue = 0): Tensor1D {
  return padded('pad1d', x, [paddings], constantValue) as Tensor1D;
}

/** A matrix with something around it. */
export function pad2d(x: TensorLike, paddings: readonly [Padding, Padding], constantValue = 0): Tensor2D {
  return padded('pad2d', x, paddings, constantValue) as Tensor2D;
}

/** A tensor of rank 3 with something around it. */
export function pad3d(x: TensorLike, paddings: readonly [Padding, Padding, Padding], constantValue = 0): Tensor3D {
  return padded('pad3d', x, paddings, constantValue) as Tensor3D;
}

/** A tensor of rank 4 with something around it. */
export function pad4d(
  x: TensorLike,
  paddings: readonly [Padding, Padding, Padding, Padding],
  constantValue = 0,
): Tensor4D {
  return padded('pad4d', x, paddings, constantValue) as Tensor4D;
}

/**
 * x with its own elements, mirrored at its edges, around it.
 * @param mode whether the edge itself is left out (`reflect`: cb|abc|ba) or repeated (`symmetric`: ba|abc|cb)
 * @throws if there is more padding than elements to mirror.
 */
export function mirrorPad(x: TensorLike, paddings: readonly Padding[], mode: 'reflect' | 'symmetric'): Tensor {
  if (mode !== 'reflect' && mode !== 'symmetric') {
    throw new WasmgradError(`mirrorPad: unknown mode ${describe(mode)}; expected "reflect" or "symmetric"`);
  }
  return inScope('mirrorPad', () => {
    const tensor = toTensor('mirrorPad', x);
    checkPaddings('mirrorPad', tensor, paddings);
    const skip = mode === 'reflect' ? 1 : 0;
    return paddings.reduce(
      (part, [before, after], axis) => {
        const length = part.shape[axis]!;
        if (Math.max(before, after) > length - skip) {
          throw new WasmgradError(
            `mirrorPad: ${length} elements in dimension ${axis} cannot be mirrored for paddings [${before}, ${after}]`,
          );
        }
        const mirror = (from: number, count: number) => {
          const begin = part.shape.map((_, i) => (i === axis ? from : 0));
          const size = part.shape.map((dim, i) => (i === axis ? count : dim));
          return run(ops.reverse, [run(ops.slice, [part], begin, size)], [axis]);
        };
        return run(ops.concat, [mirror(skip, before), part, mirror(length - skip - after, after)], axis);
      },
      run(ops.identity, [tensor]),
    );
  });
}
