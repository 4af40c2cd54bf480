// Normalization: mean 0 and variance 1, by what the layer was adapted to.
import { WasmgradError } from '../../core/errors.js';
import { FLAG, type Rule, type Rules } from '../../core/options.js';
import * as ops from '../../ops.gen.js';
import type { ConfigDict } from '../../serialization.js';
import { formatShape, inferShape, isTypedArray, sizeOf, type NestedArray, type Shape } from '../../tensor/dtypes.js';
import { run, toTensor } from '../../tensor/run.js';
import { inScope } from '../../tensor/scopes.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Variable } from '../../tensor/variable.js';
import { add, constant, div, mul, sub, toFloat } from '../../tensor/words.js';
import type { BatchShape, LayerArgs } from '../layer.js';
import { batchesIn, given, PreprocessingLayer, type AdaptData } from './preprocessing.js';

export interface NormalizationArgs extends LayerArgs {
  /** The axes whose every index has a mean and a variance of its own; null: one of each for all. Default: -1. */
  axis?: number | readonly number[] | null;
  /** What to normalize by instead of adapting: one number, or one for each index of the axes. */
  mean?: NestedArray;
  /** Goes with `mean`. */
  variance?: NestedArray;
  /** Whether to undo the normalization instead. Default: false. */
  invert?: boolean;
}

const NUMBERS: Rule = {
  ok: (x) => typeof x === 'number' || Array.isArray(x) || isTypedArray(x),
  expected: 'a number or a list of them',
};

const RULES: Rules<Omit<NormalizationArgs, keyof LayerArgs>> = {
  axis: {
    ok: (x) => x === null || (Array.isArray(x) ? x : [x]).every(Number.isInteger),
    expected: 'a whole number, a list of them, or null',
  },
  mean: NUMBERS,
  variance: NUMBERS,
  invert: FLAG,
};

/** Below this a standard deviation is taken for this. */
const EPSILON = 1e-7;

/** y = (x - mean) / max(sqrt(variance), 1e-7), in float32; or the inverse of it. */
export class Normalization extends PreprocessingLayer {
  static override className = 'Normalization';
  private readonly axes: readonly number[];
  private readonly invert: boolean;
  private readonly givenMean: NestedArray | undefined;
  private readonly givenVariance: NestedArray | undefined;
  private mean!: Variable; // of the shape of the kept axes
  private variance!: Variable;
  private kept: number[] = [];

  constructor(args: NormalizationArgs = {}) {
    super(args, RULES);
    const { axis = -1, mean, variance } = args;
    this.axes = axis === null ? [] : typeof axis === 'number' ? [axis] : axis;
    this.invert = args.invert ?? false;
    [this.givenMean, this.givenVariance] = [mean, variance];
    this.supportsMasking = true;
    if (mean === undefined && variance === undefined) return;
    if (mean === undefined || variance === undefined) {
      throw new WasmgradError(`${this.place}: give mean and variance, or neither and call adapt`);
    }
    const [ofMean, ofVariance] = [mean, variance].map((values) => inferShape(this.place, values)) as [Shape, Shape];
    if (String(ofMean) !== String(ofVariance) || ofMean.length > this.axes.length) {
      throw new WasmgradError(
        `${this.place}: mean and variance must have one shape, of at most ${this.axes.length} dimensions (those of axis), ` +
          `got ${formatShape(ofMean)} and ${formatShape(ofVariance)}`,
      );
    }
  }

  override build(inputShape: BatchShape): void {
    const rank = inputShape.length;
    const kept = this.axes.map((axis) => (axis < 0 ? axis + rank : axis)).toSorted((a, b) => a - b);
    const shape = kept.map((axis) => inputShape[axis]);
    if (shape.some((dim) => dim == null)) {
      throw new WasmgradError(
        `expected inputs with a known size along axis [${this.axes}], got ${formatShape(inputShape)}`,
      );
    }
    this.kept = kept;
    const own = shape as Shape;
    if (this.givenMean === undefined) {
      this.mean = this.addWeight('mean', own, 'float32', 'zeros', null, false);
      this.variance = this.addWeight('variance', own, 'float32', 'ones', null, false);
      // Keras's files hold it, and nobody counts.
      this.addWeight('count', [], 'int32', 'zeros', null, false);
      return;
    }
    const table = (name: string, values: NestedArray) =>
      this.addTable(
        name,
        inScope(this.place, () => broadcast(values, own)),
        own,
        'float32',
      );
    [this.mean, this.variance] = [table('mean', this.givenMean), table('variance', this.givenVariance!)];
  }

  /**
   * Takes mean and variance from the data, those of before being forgotten.
   * @param data tensors or arrays with the batch in front: all of them, or batches from a generator
   * @throws if mean and variance were given, there are no data, or the layer was built for other ones; nothing changes then
   */
  adapt(data: AdaptData): void {
    const place = `${this.place}: adapt`;
    if (this.givenMean !== undefined) {
      throw new WasmgradError(`${place}: mean and variance were given as options; leave them out to adapt`);
    }
    inScope(place, () => {
      let [count, mean, variance] = [0, constant(0), constant(0)];
      for (const batch of batchesIn(data)) {
        const x = toFloat(toTensor(place, batch));
        this.ensureBuilt([null, ...x.shape.slice(1)].slice(0, x.rank));
        const own = this.kept.map((axis) => x.shape[axis]);
        if (String(own) !== String(this.mean.shape) || x.size === 0) {
          throw new WasmgradError(
            `${place}: expected data of size [${this.mean.shape}] along axis [${this.axes}], got shape ${formatShape(x.shape)}`,
          );
        }
        const reduced = x.shape.flatMap((_, axis) => (this.kept.includes(axis) ? [] : [axis]));
        const [ofBatch, spread] = [ops.mean, ops.variance].map((op) => run(op, [x], reduced, false)) as [
          Tensor,
          Tensor,
        ];
        count += x.size / sizeOf(own as Shape);
        const weight = x.size / sizeOf(own as Shape) / count;
        const next = add(mul(mean, 1 - weight), mul(ofBatch, weight));
        const square = (deviation: Tensor) => run(ops.square, [deviation]);
        variance = add(
          mul(add(variance, square(sub(mean, next))), 1 - weight),
          mul(add(spread, square(sub(ofBatch, next))), weight),
        );
        mean = next;
      }
      if (count === 0) throw new WasmgradError(`${place}: there are no data; give at least one batch`);
      this.mean.assign(mean);
      this.variance.assign(variance);
    });
  }

  override call(inputs: Tensor): Tensor {
    const shape = inputs.shape.map((dim, axis) => (this.kept.includes(axis) ? dim : 1));
    const [x, mean, variance] = [
      toFloat(inputs),
      ...[this.mean, this.variance].map((v) => run(ops.reshape, [v], shape)),
    ];
    const deviation = run(ops.maximum, [run(ops.sqrt, [variance!]), constant(EPSILON)]);
    return this.invert ? add(mean!, mul(x!, deviation)) : div(sub(x!, mean!), deviation);
  }

  override getConfig(): ConfigDict {
    const options = given({ mean: this.givenMean, variance: this.givenVariance });
    return { ...super.getConfig(), axis: this.axes, invert: this.invert, ...options };
  }
}

/** Values of the shape, by NumPy's broadcasting. */
function broadcast(values: NestedArray, shape: Shape): Float32Array {
  return run(ops.broadcastTo, [toTensor('mean and variance', values)], shape).dataSync<'float32'>();
}
