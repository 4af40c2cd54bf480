// IntegerLookup: whole numbers by their index in a vocabulary.
import { WasmgradError } from '../../core/errors.js';
import { oneOf, type Rule, type Rules } from '../../core/options.js';
import * as ops from '../../ops.gen.js';
import type { ConfigDict } from '../../serialization.js';
import { isTypedArray } from '../../tensor/dtypes.js';
import { create, run, type TensorLike } from '../../tensor/run.js';
import { isTensor, type Tensor } from '../../tensor/tensor.js';
import type { Variable } from '../../tensor/variable.js';
import { toInt } from '../../tensor/words.js';
import type { LayerArgs } from '../layer.js';
import { whole } from './encode.js';
import { bucketOf } from './hashes.js';
import { IndexLookup, LOOKUP_RULES, type IndexLookupArgs } from './indexLookup.js';
import { elementsOf, type Elements } from './strings.js';

export interface IntegerLookupArgs extends IndexLookupArgs<number> {
  /** How several indices are shared: by the remainder of a number, or by FarmHash of its digits. Default: floormod. */
  oovMethod?: 'floormod' | 'farmhash';
}

const isWhole = (x: unknown): x is number => Number.isSafeInteger(x);
const TOKEN: Rule = { ok: isWhole, expected: 'a whole number' };

const RULES: Rules<Omit<IntegerLookupArgs, keyof LayerArgs>> = {
  ...LOOKUP_RULES,
  maskToken: { ...TOKEN, ok: (x) => x === null || isWhole(x) },
  oovToken: TOKEN,
  oovMethod: oneOf('floormod', 'farmhash'),
};

/**
 * Outside of a model by a table of the host, in which any whole number of JavaScript may stand; in a model by comparison
 * with each token, in int32. There a number without an index cannot be refused: with `numOovIndices: 0` it gives -1, or
 * a vector of zeros.
 */
export class IntegerLookup extends IndexLookup<number> {
  static override className = 'IntegerLookup';
  private readonly oovMethod: 'floormod' | 'farmhash';
  private table!: Variable; // the tokens, as `tableOf` puts them
  private weightTable: Variable | undefined; // for tfIdf, those of the indices

  constructor(args: IntegerLookupArgs = {}) {
    super(args, -1, RULES);
    this.oovMethod = args.oovMethod ?? 'floormod';
    if (args.salt !== undefined && this.oovMethod !== 'farmhash') {
      throw new WasmgradError(`${this.place}: salt goes with oovMethod 'farmhash', got '${this.oovMethod}'`);
    }
  }

  protected override read(place: string, inputs: unknown): Elements<number> {
    if (isTensor(inputs)) {
      return { values: Array.from(inputs.dataSync(), Math.trunc), shape: inputs.shape };
    }
    return elementsOf(place, isTypedArray(inputs) ? Array.from(inputs) : inputs, isWhole, TOKEN.expected);
  }

  protected override compare(a: number, b: number): number {
    return a - b;
  }

  protected override bucket(token: number): number {
    if (this.oovMethod === 'farmhash') return bucketOf(String(token), this.numOovIndices, this.salt);
    return ((token % this.numOovIndices) + this.numOovIndices) % this.numOovIndices;
  }

  protected override accept(tokens: readonly number[], idfWeights: readonly number[] | undefined): void {
    const table = this.built ? this.tableOf(tokens) : [];
    if (this.built && table.length !== this.table.size) {
      throw new WasmgradError(
        `${this.place} is in a model with another number of tokens than ${tokens.length}; make a new layer`,
      );
    }
    if (this.built) this.table.assign(table);
    super.accept(tokens, idfWeights);
    if (this.built) this.weightTable?.assign(this.idfWeights!);
  }

  /** What a program reads: what inverse indices stand for, unknown ones last; else the tokens, after that of the mask. */
  private tableOf(tokens: readonly number[]): Int32Array {
    if (this.invert) return this.toInt32([...this.specialTokens, ...tokens, this.oovToken]);
    return this.toInt32(this.maskToken === null ? tokens : [this.maskToken, ...tokens]);
  }

  private toInt32(tokens: readonly (number | null)[]): Int32Array {
    const wide = tokens.find((token) => token !== (token! | 0));
    if (wide === undefined) return Int32Array.from(tokens as number[]);
    throw new WasmgradError(`${this.place}: tensors hold int32, and ${wide} is none; look such numbers up as texts`);
  }

  override build(): void {
    this.needVocabulary();
    const table = this.tableOf(this.tokens);
    this.table = this.addTable('tokens', table, [table.length], 'int32');
    const { idfWeights } = this;
    this.weightTable = idfWeights && this.addTable('idf_weights', idfWeights, [idfWeights.length], 'float32');
  }

  override apply(inputs: TensorLike): Tensor {
    if (isTensor(inputs) && inputs.isSymbolic) return super.apply(inputs);
    const { values, shape } = this.read(this.place, inputs);
    if (!this.invert) return this.encodeIndices(this.indicesOf(values), shape);
    const tokens = this.toInt32(this.tokensOf(values));
    return create([...shape], 'int32', (view) => view.set(tokens));
  }

  override call(inputs: Tensor): Tensor {
    const x = toInt(inputs);
    const { table } = this;
    if (this.invert) {
      const last = whole(table.size - 1);
      const exists = run(ops.logicalAnd, [run(ops.greaterEqual, [x, whole(0)]), run(ops.less, [x, last])]);
      return run(ops.gather, [table, run(ops.select, [exists, x, last])], 0, 0);
    }
    const same = run(ops.equal, [run(ops.reshape, [x], [...x.shape, 1]), table]);
    const places = run(ops.range, [], 1, 1, table.size, 'int32');
    // From 1 on, 0 for what is not in the table: each number is there once.
    const place = run(ops.sum, [run(ops.mul, [toInt(same), places])], [-1], false);
    const first = table.size - this.tokens.length + 1;
    const found = run(ops.add, [place, whole(this.tokenStart - first)]);
    const known =
      first === 1 ? found : run(ops.select, [run(ops.equal, [place, whole(1)]), whole(this.maskIndex), found]);
    const index = run(ops.select, [run(ops.greater, [place, whole(0)]), known, this.outsiders(x)]);
    return this.encode(index, this.weightTable);
  }

  /** The indices of numbers that are not in the vocabulary. */
  private outsiders(x: Tensor): Tensor {
    const { numOovIndices } = this;
    const first = this.tokenStart - numOovIndices;
    if (numOovIndices < 2) return whole(numOovIndices === 0 ? -1 : first);
    if (this.oovMethod === 'farmhash') {
      throw new WasmgradError(`${this.place}: a model cannot hash; apply the layer to the data before the model`);
    }
    return run(ops.add, [run(ops.mod, [x, whole(numOovIndices)]), whole(first)]);
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), oovMethod: this.oovMethod };
  }
}
