// CategoryEncoding: categories that are numbers as vectors.
import { WasmgradError } from '../../core/errors.js';
import { ANY, required, wholeFrom, type Rules } from '../../core/options.js';
import type { ConfigDict } from '../../serialization.js';
import { formatShape } from '../../tensor/dtypes.js';
import { toTensor, type TensorLike } from '../../tensor/run.js';
import { inScope } from '../../tensor/scopes.js';
import type { Tensor } from '../../tensor/tensor.js';
import { toFloat, toInt } from '../../tensor/words.js';
import { Layer, type CallOptions, type LayerArgs } from '../layer.js';
import { encode, VECTORS, type Encoding } from './encode.js';

export interface CategoryEncodingArgs extends LayerArgs {
  /** How many categories there are: 0 to numTokens - 1. */
  numTokens: number;
  /** Default: multiHot. */
  outputMode?: Exclude<Encoding, 'int'>;
}

/** Options of a call: `countWeights`, of the shape of the inputs, is what each of them counts. */
export interface CategoryEncodingOptions extends CallOptions {
  countWeights?: Tensor;
}

const RULES: Rules<Omit<CategoryEncodingArgs, keyof LayerArgs>> = {
  numTokens: required(wholeFrom(1)),
  outputMode: ANY,
};

/**
 * `oneHot`: (…) -> (…, numTokens), a last dimension of 1 giving way. `multiHot` and `count`: (batch, length) ->
 * (batch, numTokens). A number that is no category leaves zeros, as in Keras on JAX.
 */
export class CategoryEncoding extends Layer {
  static override className = 'CategoryEncoding';
  private readonly numTokens: number;
  private readonly outputMode: Encoding;

  constructor(args: CategoryEncodingArgs) {
    super(args, RULES);
    this.numTokens = args.numTokens;
    this.outputMode = VECTORS.get(`layer "${this.name}"`, args.outputMode ?? 'multiHot');
  }

  override call(inputs: Tensor, { countWeights }: CategoryEncodingOptions): Tensor {
    return encode(toInt(inputs), this.outputMode, this.numTokens, countWeights);
  }

  /** @param options `countWeights`: for `count`, what each input counts. Default: 1. */
  override apply(inputs: TensorLike, options: Partial<CallOptions> & { countWeights?: TensorLike } = {}): Tensor {
    const place = `layer "${this.name}"`;
    if (options.countWeights === undefined) return super.apply(inputs);
    return inScope(place, () => {
      const [x, countWeights] = [toTensor(place, inputs), toFloat(toTensor(place, options.countWeights!))];
      if (this.outputMode !== 'count') {
        throw new WasmgradError(`${place}: countWeights are for outputMode 'count', this is '${this.outputMode}'`);
      }
      if (String(countWeights.shape) !== String(x.shape)) {
        throw new WasmgradError(
          `${place}: countWeights must have the shape of the inputs, ${formatShape(x.shape)}, got ${formatShape(countWeights.shape)}`,
        );
      }
      return super.apply(x, { countWeights } as Partial<CallOptions>);
    });
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), numTokens: this.numTokens, outputMode: this.outputMode };
  }
}
