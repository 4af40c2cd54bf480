// A variable: a tensor that can be assigned to, and with respect to which gradients are taken.
import { check, seam } from '../core/core.js';
import { WasmgradError } from '../core/errors.js';
import * as ops from '../ops.gen.js';
import { checkDtype, type DataType } from './dtypes.js';
import { run, toTensor, withTensors, type TensorLike } from './run.js';
import { keep } from './scopes.js';
import { Tensor } from './tensor.js';

let unnamed = 0;

/** Live variables by handle, so that those which a function touched are found. */
const variables = new Map<number, WeakRef<Variable>>();
const forgotten = new FinalizationRegistry<number>((handle) => {
  // Another variable may have got the handle since.
  if (variableOf(handle) === undefined) variables.delete(handle);
});

/** The variable with this handle, if it lives. */
export function variableOf(handle: number): Variable | undefined {
  return variables.get(handle)?.deref();
}

/** The newest live variable of this name. */
export function variableNamed(name: string): Variable | undefined {
  const live = [...variables.values()].map((reference) => reference.deref());
  return live.findLast((candidate) => candidate?.name === name);
}

export class Variable extends Tensor {
  readonly name: string;
  /** What its values cost; a layer's `losses` ask it. */
  regularizer: ((w: Tensor) => Tensor) | undefined;
  /** What an optimizer brings it back to after each step. */
  constraint: ((w: Tensor) => Tensor) | undefined;
  private isTrainable: boolean;

  /** Takes over the memory of `value`, which ends; users call `wg.variable`. */
  constructor(value: Tensor, trainable: boolean, name = `variable_${unnamed++}`) {
    super(value.surrender(), value.shape, value.dtype);
    this.name = name;
    this.isTrainable = trainable;
    check(seam.tensor_set_variable(this.handle, trainable));
    // A scope ends the life of tensors, not of variables.
    keep(this);
    variables.set(this.handle, new WeakRef(this));
    forgotten.register(this, this.handle, this);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    variables.delete(this.handle);
    forgotten.unregister(this);
    super.dispose();
  }

  get trainable(): boolean {
    return this.isTrainable;
  }

  set trainable(trainable: boolean) {
    check(seam.tensor_set_variable(this.handle, trainable));
    this.isTrainable = trainable;
  }

  /**
   * Takes over the values of `value`.
   * @throws if the shape or the dtype differs; the variable is as it was then.
   */
  assign(value: TensorLike): void {
    withTensors(`variable "${this.name}".assign`, [value], (x) => {
      if (x.dtype !== this.dtype || String(x.shape) !== String(this.shape)) {
        throw new WasmgradError(
          `variable "${this.name}".assign: expected ${this.dtype} of shape [${this.shape}], got ${x.dtype} of shape [${x.shape}]`,
        );
      }
      run(ops.assign, [this, x]);
    });
  }

  /** The values as a tensor: the variable itself, as tfjs's weights of layers give theirs. */
  read(): Tensor {
    return this;
  }

  /** As `assign`; gives the variable. */
  write(value: TensorLike): this {
    this.assign(value);
    return this;
  }
}

/** A variable that begins with a copy of `initial`. */
export function variable(initial: TensorLike, trainable = true, name?: string, dtype?: DataType): Variable {
  if (dtype !== undefined) checkDtype('variable', dtype);
  const given = toTensor('variable', initial, dtype);
  const copy = given.dtype === (dtype ?? given.dtype) ? run(ops.identity, [given]) : run(ops.cast, [given], dtype!);
  if (given !== initial) given.dispose();
  if (copy.isSymbolic) {
    throw new WasmgradError(
      'variable: it would be a new one at each call; make it before, outside of compile() and of call',
    );
  }
  return new Variable(copy, trainable, name);
}
