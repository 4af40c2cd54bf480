// What fit, evaluate and predict take as data, as tensors with one row a sample.
import { WasmgradError } from '../core/errors.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';

/** Inputs and targets with one row a sample. What was made of plain arrays is freed by `dispose`. */
export interface Data {
  readonly x: Tensor;
  readonly y: Tensor;
  /** Number of samples. */
  readonly size: number;
  dispose(): void;
}

/**
 * Inputs and targets as tensors.
 * @throws if they are empty, or of different lengths.
 */
export function toData(place: string, x: TensorLike, y: TensorLike): Data {
  const tensors = [toTensor(`${place}: x`, x)];
  const dispose = () => tensors.forEach((tensor, i) => tensor !== [x, y][i] && tensor.dispose());
  try {
    tensors.push(toTensor(`${place}: y`, y));
    const [a, b] = tensors as [Tensor, Tensor];
    checkRows(place, a);
    if (b.rank === 0 || a.shape[0] !== b.shape[0]) {
      throw new WasmgradError(
        `${place}: x has ${a.shape[0]} samples (shape [${a.shape}]), but y has ${b.shape[0] ?? 'no'} (shape [${b.shape}]); ` +
          'both need one row for each sample',
      );
    }
    return { x: a, y: b, size: a.shape[0]!, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** @throws if the tensor has no samples. */
export function checkRows(place: string, x: Tensor): void {
  if (x.rank === 0) throw new WasmgradError(`${place}: expected one row for each sample, got a scalar`);
  if (x.shape[0] === 0) throw new WasmgradError(`${place}: the data is empty: x has shape [${x.shape}]`);
}
