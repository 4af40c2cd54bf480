// What regularizers and constraints share: a function of a tensor, with options.
import { checkOptions, rulesOf, withDefaults, type Stated } from './core/options.js';
import { Serializable, type ConfigDict } from './serialization.js';
import type { Tensor } from './tensor/tensor.js';

export type TensorFunction = (x: Tensor) => Tensor;

export abstract class WeightRule<Options extends object> extends Serializable {
  protected readonly options: Options;

  /** @throws if an option is unknown, or breaks its rule */
  constructor(kind: string, args: Partial<Options>, stated: Stated<Options>) {
    super();
    checkOptions<object>(`${kind} ${this.getClassName()}`, args, rulesOf(stated));
    this.options = withDefaults(stated, args);
  }

  abstract apply(x: Tensor): Tensor;

  override getConfig(): ConfigDict {
    return { ...this.options } as ConfigDict;
  }
}
