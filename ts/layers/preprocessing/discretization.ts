// Discretization: numbers by the bin that they fall into.
import { WasmgradError } from '../../core/errors.js';
import { ANY, FRACTION, wholeFrom, type Rule, type Rules } from '../../core/options.js';
import * as ops from '../../ops.gen.js';
import type { ConfigDict } from '../../serialization.js';
import { run, toTensor } from '../../tensor/run.js';
import { inScope } from '../../tensor/scopes.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Variable } from '../../tensor/variable.js';
import { toFloat, toInt } from '../../tensor/words.js';
import type { LayerArgs } from '../layer.js';
import { encode, ENCODINGS, type Encoding } from './encode.js';
import { batchesIn, given, PreprocessingLayer, type AdaptData } from './preprocessing.js';
import { boundaries, merge, NOTHING, summarize } from './quantiles.js';

export interface DiscretizationArgs extends LayerArgs {
  /** Where bins end, in ascending order: [0, 1] makes (-∞, 0), [0, 1) and [1, ∞). */
  binBoundaries?: readonly number[];
  /** How many bins to make, as full as each other, by `adapt`. Give this or `binBoundaries`. */
  numBins?: number;
  /** How exact the quantiles are: the share of the values that may fall into another bin. Default: 0.01. */
  epsilon?: number;
  /** Default: int. */
  outputMode?: Encoding;
}

const ASCENDING: Rule = {
  ok: (x) =>
    Array.isArray(x) && x.every((end, i) => typeof end === 'number' && !(end < x[i - 1]) && !Number.isNaN(end)),
  expected: 'a list of numbers in ascending order',
};

const RULES: Rules<Omit<DiscretizationArgs, keyof LayerArgs>> = {
  binBoundaries: ASCENDING,
  numBins: wholeFrom(1),
  epsilon: { ...FRACTION, ok: (x) => FRACTION.ok(x) && x !== 0, expected: 'a number above 0 and below 1' },
  outputMode: ANY,
};

/** The number of each element's bin, from 0 on, as int32 or encoded. NaN falls into the last bin. */
export class Discretization extends PreprocessingLayer {
  static override className = 'Discretization';
  private readonly numBins: number | undefined;
  private readonly epsilon: number;
  private readonly outputMode: Encoding;
  /** Where bins end; undefined before `adapt`. */
  binBoundaries: readonly number[] | undefined;
  private table!: Variable; // (bins - 1)

  constructor(args: DiscretizationArgs) {
    super(args, RULES);
    [this.binBoundaries, this.numBins] = [args.binBoundaries, args.numBins];
    if ((this.binBoundaries === undefined) === (this.numBins === undefined)) {
      throw new WasmgradError(`${this.place}: give binBoundaries, or numBins and call adapt`);
    }
    this.epsilon = args.epsilon ?? 0.01;
    this.outputMode = ENCODINGS.get(this.place, args.outputMode ?? 'int');
  }

  override build(): void {
    if (this.binBoundaries === undefined) {
      throw new WasmgradError(`${this.place} has no bins yet: call adapt(data), or give binBoundaries`);
    }
    this.table = this.addTable('bin_boundaries', [...this.binBoundaries], [this.binBoundaries.length], 'float32');
  }

  /**
   * Makes the bins, those of before being forgotten.
   * @param data numbers of any shape: all of them, or batches from a generator
   * @throws if the bins were given, or the layer is in use with another number of them; nothing changes then
   */
  adapt(data: AdaptData): void {
    const place = `${this.place}: adapt`;
    const { numBins } = this;
    if (numBins === undefined) {
      throw new WasmgradError(`${place}: binBoundaries were given as an option; give numBins to adapt`);
    }
    let summary = NOTHING;
    for (const batch of batchesIn(data)) {
      const values = inScope(place, () => toFloat(toTensor(place, batch)).dataSync<'float32'>());
      summary = merge(summarize(values, this.epsilon), summary, this.epsilon);
    }
    const found = boundaries(summary, numBins);
    if (this.built && found.length !== this.table.size) {
      throw new WasmgradError(
        `${place}: the layer is in use with ${this.table.size + 1} bins, the data make ${found.length + 1}; make a new layer`,
      );
    }
    this.binBoundaries = found;
    if (this.built) this.table.assign(found);
  }

  override call(inputs: Tensor): Tensor {
    const x = run(ops.reshape, [toFloat(inputs)], [...inputs.shape, 1]);
    // As many ends as are not above x: NaN is below none.
    const passed = run(ops.logicalNot, [run(ops.less, [x, this.table])]);
    return encode(run(ops.sum, [toInt(passed)], [-1], false), this.outputMode, this.table.size + 1);
  }

  override getConfig(): ConfigDict {
    const { binBoundaries, numBins, epsilon, outputMode } = this;
    return { ...super.getConfig(), ...given({ binBoundaries, numBins }), epsilon, outputMode };
  }

  /** Bins that were adapted come with their number. */
  static fromConfig({ binBoundaries, ...config }: ConfigDict): Discretization {
    if (config['numBins'] === undefined) return new Discretization({ ...config, binBoundaries } as DiscretizationArgs);
    const layer = new Discretization(config as DiscretizationArgs);
    layer.binBoundaries = binBoundaries as number[] | undefined;
    return layer;
  }
}
