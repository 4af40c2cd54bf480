// What is done to many layers or weights as to one: all of it, or none.
import { WasmgradError, describe } from '../core/errors.js';
import { formatShape } from '../tensor/dtypes.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import { disposedError } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import type { Layer } from './layer.js';

/**
 * A layer and all that it is made of.
 * @param around the layers that it is in, from the outermost on
 * @throws if it is in itself.
 */
export function allIn(layer: Layer, around: readonly Layer[] = []): Layer[] {
  const path = [...around, layer];
  if (around.includes(layer)) {
    const names = path.map(({ name }) => `"${name}"`).join(' holds ');
    throw new WasmgradError(
      `layer "${layer.name}" cannot be a part of itself (${names}); make another layer for the inner place`,
    );
  }
  const { sublayers } = layer;
  return sublayers.length === 0 ? [layer] : [layer, ...sublayers.flatMap(([, inner]) => allIn(inner, path))];
}

/** Layers that were built since the outermost `buildingOrNot` began, and how many of these calls are open. */
const builtNow: Layer[] = [];
let depth = 0;

/** A layer was built. */
export function noteBuilt(layer: Layer): void {
  if (depth > 0) builtNow.push(layer);
}

/** Calls `f`; if it throws, no layer is built that was not before. */
export function buildingOrNot<T>(f: () => T): T {
  const from = builtNow.length;
  depth++;
  try {
    return f();
  } catch (error) {
    for (const layer of builtNow.splice(from).toReversed()) layer.unbuild();
    throw error;
  } finally {
    depth--;
    if (depth === 0) builtNow.length = 0;
  }
}

/**
 * Copies values into weights. Plain numbers become the weight's dtype.
 * @throws if their number, a shape or a dtype differs; nothing is changed then.
 */
export function assignAll(place: string, weights: readonly Variable[], values: readonly TensorLike[]): void {
  if (!Array.isArray(values) || values.length !== weights.length) {
    const given = Array.isArray(values) ? String(values.length) : describe(values);
    const names = weights.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', ');
    throw new WasmgradError(
      `${place}: expected ${weights.length} tensors (${names || 'there are no weights: build the model first'}), got ${given}`,
    );
  }
  inScope(place, () => {
    const tensors = values.map((value, i) => {
      const { name, shape, dtype } = weights[i]!;
      const tensor = toTensor(`${place}: "${name}"`, value, dtype);
      if (tensor.isDisposed) throw disposedError(tensor, `${place}: "${name}"`);
      if (tensor.dtype !== dtype || String(tensor.shape) !== String(shape)) {
        throw new WasmgradError(
          `${place}: "${name}" is ${dtype} of shape ${formatShape(shape)}, got ${tensor.dtype} of shape ${formatShape(tensor.shape)}`,
        );
      }
      return tensor;
    });
    tensors.forEach((tensor, i) => weights[i]!.assign(tensor));
  });
}
