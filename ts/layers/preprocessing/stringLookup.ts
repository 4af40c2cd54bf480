// StringLookup: texts by their index in a vocabulary.
import { TEXT, type Rules } from '../../core/options.js';
import { toTensor, type TensorLike } from '../../tensor/run.js';
import { inScope } from '../../tensor/scopes.js';
import { nest } from '../../tensor/dtypes.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LayerArgs } from '../layer.js';
import { bucketOf } from './hashes.js';
import { IndexLookup, LOOKUP_RULES, type IndexLookupArgs } from './indexLookup.js';
import { compareTexts, noTexts, textsOf, type Elements, type NestedStrings } from './strings.js';

export type StringLookupArgs = IndexLookupArgs<string>;

const RULES: Rules<Omit<StringLookupArgs, keyof LayerArgs>> = {
  ...LOOKUP_RULES,
  maskToken: { ...TEXT, ok: (x) => x === null || TEXT.ok(x) },
  oovToken: TEXT,
};

/** Runs outside of models: tensors hold no texts. */
export class StringLookup extends IndexLookup<string> {
  static override className = 'StringLookup';

  constructor(args: StringLookupArgs = {}) {
    super(args, '[UNK]', RULES);
  }

  protected override read(place: string, inputs: unknown): Elements<string> {
    return textsOf(place, inputs);
  }

  protected override compare(a: string, b: string): number {
    return compareTexts(a, b);
  }

  protected override bucket(token: string): number {
    return bucketOf(token, this.numOovIndices, this.salt);
  }

  /**
   * The indices of texts in nested lists, as int32 or encoded.
   * @param inputs with `invert`: indices, for which nested lists of texts come back
   */
  override apply<T extends Tensor | NestedStrings = Tensor>(inputs: NestedStrings | TensorLike): T {
    if (!this.invert) {
      const { values, shape } = this.read(this.place, inputs);
      return this.encodeIndices(this.indicesOf(values), shape) as T;
    }
    return inScope(this.place, () => {
      const indices = toTensor(this.place, inputs as TensorLike, 'int32');
      return nest(this.tokensOf(indices.dataSync()), indices.shape) as T & Tensor;
    });
  }

  override call(): Tensor {
    throw noTexts(this.place);
  }
}
