// A scalar whose value lies in JavaScript: nothing to dispose of, and yet a tensor wherever one is asked for.
import type { DataType, DataTypeMap } from './dtypes.js';
import { create } from './run.js';
import { adopt } from './scopes.js';
import { Tensor } from './tensor.js';

class HostScalar extends Tensor {
  constructor(private readonly value: number) {
    super(0, [], 'float32');
  }

  override get isDisposed(): boolean {
    return false;
  }

  /** It gets memory when an op first asks for it. */
  override get handle(): number {
    if (this.id === 0) {
      this.id = create([], 'float32', (view) => view.fill(this.value)).surrender();
      adopt(this, this.id);
    }
    return this.id;
  }

  /** The list of one that `const [loss] = model.evaluate(x, y)` takes it for. */
  *[Symbol.iterator](): Iterator<Tensor> {
    yield this;
  }

  protected override values(): DataTypeMap[DataType] {
    return Float32Array.of(this.value);
  }
}

/** `value` as a scalar tensor that needs no disposal. */
export function hostScalar(value: number): Tensor {
  return new HostScalar(value);
}
