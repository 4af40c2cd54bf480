// A scalar, or a list, whose values lie in JavaScript: nothing to dispose of, and yet a tensor wherever one is asked for.
import type { DataType, DataTypeMap } from './dtypes.js';
import { create } from './run.js';
import { adopt } from './scopes.js';
import { Tensor } from './tensor.js';

class HostTensor extends Tensor {
  private readonly held: Float32Array<ArrayBuffer>;

  constructor(given: number | readonly number[]) {
    super(0, typeof given === 'number' ? [] : [given.length], 'float32');
    this.held = Float32Array.from([given].flat() as number[]);
  }

  override get isDisposed(): boolean {
    return false;
  }

  /** It gets memory when an op first asks for it. */
  override get handle(): number {
    if (this.id === 0) {
      this.id = create(this.shape, 'float32', (view) => view.set(this.held)).surrender();
      adopt(this, this.id);
    }
    return this.id;
  }

  /** The list of one that `const [loss] = model.evaluate(x, y)` takes it for. */
  *[Symbol.iterator](): Iterator<Tensor> {
    yield this;
  }

  protected override values(): DataTypeMap[DataType] {
    return this.held.slice();
  }
}

/** A number, or a list of numbers, as a tensor that needs no disposal. */
export function hostTensor(given: number | readonly number[]): Tensor {
  return new HostTensor(given);
}
