// Hashing: texts or whole numbers by a hash, for categories that nobody listed.
import { ANY, required, wholeFrom, type Rules } from '../../core/options.js';
import type { ConfigDict } from '../../serialization.js';
import { create, type TensorLike } from '../../tensor/run.js';
import { inScope } from '../../tensor/scopes.js';
import { isTensor, type Tensor } from '../../tensor/tensor.js';
import { Layer, type LayerArgs } from '../layer.js';
import { encode, ENCODINGS, type Encoding } from './encode.js';
import { bucketOf, type Salt } from './hashes.js';
import { SALT } from './indexLookup.js';
import { given } from './preprocessing.js';
import { elementsOf, isText, noTexts, type NestedStrings } from './strings.js';

export interface HashingArgs extends LayerArgs {
  /** How many buckets there are. */
  numBins: number;
  /** The text or number that stands for nothing: bucket 0 is for it alone. Default: none. */
  maskValue?: string | number | null;
  /** Hashes by SipHash with this key, two numbers or one for both, instead of FarmHash. Default: none. */
  salt?: Salt;
  /** Default: int. */
  outputMode?: Encoding;
}

const isHashable = (x: unknown): x is string | number => isText(x) || Number.isSafeInteger(x);

const RULES: Rules<Omit<HashingArgs, keyof LayerArgs>> = {
  numBins: required(wholeFrom(1)),
  maskValue: { ok: (x) => x === null || isHashable(x), expected: 'a text or a whole number' },
  salt: SALT,
  outputMode: ANY,
};

/** Runs outside of models: tensors hold no texts. Numbers are hashed by their digits. */
export class Hashing extends Layer {
  static override className = 'Hashing';
  private readonly options: HashingArgs;
  private readonly outputMode: Encoding;

  constructor(args: HashingArgs) {
    super(args, RULES);
    this.options = args;
    this.outputMode = ENCODINGS.get(`layer "${this.name}"`, args.outputMode ?? 'int');
  }

  /** The buckets of texts or whole numbers in nested lists or a tensor, as int32 or encoded. */
  override apply(inputs: NestedStrings | TensorLike): Tensor {
    const place = `layer "${this.name}"`;
    const { numBins, maskValue, salt } = this.options;
    const { values, shape } = isTensor(inputs)
      ? { values: Array.from(inputs.dataSync(), Math.trunc), shape: inputs.shape }
      : elementsOf(place, inputs, isHashable, 'a text or a whole number');
    // With one bucket there is none for the mask alone.
    const first = maskValue != null && numBins > 1 ? 1 : 0;
    const bucket = (value: string | number) =>
      first === 1 && value === maskValue ? 0 : first + bucketOf(String(value), numBins - first, salt);
    const buckets = Int32Array.from(values as (string | number)[], bucket);
    return inScope(place, () =>
      encode(
        create([...shape], 'int32', (view) => view.set(buckets)),
        this.outputMode,
        numBins,
      ),
    );
  }

  override call(): Tensor {
    throw noTexts(`layer "${this.name}"`);
  }

  override getConfig(): ConfigDict {
    const { numBins, maskValue, salt } = this.options;
    return { ...super.getConfig(), numBins, outputMode: this.outputMode, ...given({ maskValue, salt }) };
  }
}
