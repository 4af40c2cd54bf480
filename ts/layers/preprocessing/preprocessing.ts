// What layers share that learn from data before training.
import type { ConfigDict } from '../../serialization.js';
import type { DataType, NestedArray } from '../../tensor/dtypes.js';
import { fromValues, type TensorLike } from '../../tensor/run.js';
import { isTensor } from '../../tensor/tensor.js';
import { Variable } from '../../tensor/variable.js';
import { Layer } from '../layer.js';

/** Data to adapt to: all of them, or batches of them from a generator. */
export type AdaptData<T = TensorLike> = T | Iterable<T>;

/** A list or a tensor is one batch; what else can be iterated over is many. */
export function* batchesIn<T>(data: AdaptData<T>): Generator<T> {
  const isOne = isTensor(data) || Array.isArray(data) || ArrayBuffer.isView(data) || typeof data !== 'object';
  if (isOne || data === null || !(Symbol.iterator in data)) yield data as T;
  else yield* data as Iterable<T>;
}

/** A layer with constants that programs read, and that `adapt` may change: no weights, for its options hold them. */
export abstract class PreprocessingLayer extends Layer {
  private readonly tables: Variable[] = [];

  /** A table that lives until the layer is unbuilt; call it in `build`. */
  protected addTable(name: string, values: NestedArray, shape: number[], dtype: DataType): Variable {
    const place = `layer "${this.name}": ${name}`;
    const table = new Variable(fromValues(place, values, shape, dtype), false, `${this.name}/${name}`);
    this.tables.push(table);
    return table;
  }

  override unbuild(): void {
    for (const table of this.tables.splice(0)) table.dispose();
    super.unbuild();
  }

  /** What an error begins with. */
  protected get place(): string {
    return `layer "${this.name}"`;
  }
}

/** The options that are set, for a configuration. */
export function given(options: ConfigDict): ConfigDict {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
}
