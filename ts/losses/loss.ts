// What a loss is: values for each sample, of which training takes the mean.
import { WasmgradError } from '../core/errors.js';
import type { BatchShape } from '../layers/layer.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';
import { constant, div, mul, toFloat } from '../tensor/words.js';

/** (yTrue, yPred) => a value for each sample. Runs on symbolic tensors. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

export abstract class Loss {
  static className = 'Loss';
  abstract readonly name: string;

  getClassName(): string {
    return (this.constructor as typeof Loss).className;
  }

  /** Its options, for files. */
  getConfig(): ConfigDict {
    return {};
  }

  /** A value for each sample. */
  abstract values(yTrue: Tensor, yPred: Tensor): Tensor;

  /** The mean of the values, of those that the mask of the predictions lets count: what training lowers. */
  mean(yTrue: Tensor, yPred: Tensor, mask?: Tensor): Tensor {
    const values = this.values(yTrue, yPred);
    const axes = values.shape.map((_, axis) => axis);
    if (mask === undefined) return run(ops.mean, [values], axes, false);
    // As in Keras: what counts weighs total / valid, so that the mean over all is the mean over what counts.
    const counts = maskLike(values, mask);
    const valid = run(ops.sum, [counts], axes, false);
    const weight = div(constant(values.size), run(ops.maximum, [valid, constant(1)]));
    return run(ops.mean, [mul(values, mul(counts, weight))], axes, false);
  }

  /** The shape that targets for outputs of this shape have as a rule. */
  targetShape(output: BatchShape): BatchShape {
    return output;
  }

  /**
   * @throws if targets do not fit outputs of this shape, before anything is trained.
   */
  check(place: string, y: Tensor, output: BatchShape): void {
    const squeezed = (shape: BatchShape, rank: number) =>
      shape.length === rank + 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
    const [targets, outputs] = [squeezed(y.shape, output.length), squeezed(output, y.rank)];
    if (!matches(targets, outputs)) {
      throw new WasmgradError(
        `${place}: loss "${this.name}" compares targets of shape ${formatShape(y.shape)} with outputs of shape ` +
          `${formatShape(output)}; give targets of the outputs' shape, or a last layer of as many units as a target has numbers`,
      );
    }
  }
}

/** A user's function as a loss. It has no class name: it is not saved. */
export class CustomLoss extends Loss {
  static override className = '';
  readonly name: string;

  constructor(private readonly f: LossFunction) {
    super();
    this.name = f.name || 'loss';
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    return values;
  }

  /** Only the function knows which targets it takes. */
  override check(): void {}
}

/** Whether targets have the shape of the outputs, whatever their number. */
export function matches(targets: BatchShape, outputs: BatchShape): boolean {
  return targets.length === outputs.length && outputs.every((dim, i) => i === 0 || dim === null || dim === targets[i]);
}

/** Targets, as float32, and predictions in one rank, where they differ by a last dimension of 1; a list becomes (n, 1). */
export function matchRanks(yTrue: Tensor, yPred: Tensor): [yTrue: Tensor, yPred: Tensor] {
  const y = toFloat(yTrue);
  const [low, high] = y.rank < yPred.rank ? [y, yPred] : [yPred, y];
  if (high.rank !== low.rank + 1 || high.shape.at(-1) !== 1) return [y, yPred];
  const matched =
    low.rank === 1
      ? [run(ops.reshape, [low], [...low.shape, 1]), high]
      : [low, run(ops.reshape, [high], high.shape.slice(0, -1))];
  return (low === y ? matched : matched.toReversed()) as [Tensor, Tensor];
}

/** A mask as float32 in the shape of the values, whose last dimensions it lacks. */
export function maskLike(values: Tensor, mask: Tensor): Tensor {
  const lacking = new Array<number>(Math.max(0, values.rank - mask.rank)).fill(1);
  const dims = mask.rank === values.rank + 1 && mask.shape.at(-1) === 1 ? mask.shape.slice(0, -1) : mask.shape;
  return run(ops.broadcastTo, [run(ops.reshape, [toFloat(mask)], [...dims, ...lacking])], values.shape);
}
