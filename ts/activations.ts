// Activations, with Keras 3's formulas and defaults.
import { WasmgradError } from './core/errors.js';
import type { Op } from './core/op.js';
import { Registry } from './core/registry.js';
import * as ops from './ops.gen.js';
import { run, runAll } from './tensor/run.js';
import type { Tensor } from './tensor/tensor.js';
import { constant } from './tensor/words.js';

export type ActivationFunction = (x: Tensor) => Tensor;
/** A name, or a function of a tensor. */
export type ActivationIdentifier = string | ActivationFunction | null | undefined;

/** An activation that knows the name it was asked for by, for files. */
export interface Activation extends ActivationFunction {
  identifier: string | null;
}

/** An elementwise op as a function. */
const by =
  <O extends readonly unknown[]>(op: Op<O>, ...options: O): ActivationFunction =>
  (x) =>
    run(op, [x], ...options);

/** (…, 2 n) -> (…, n): the first half of the features times the sigmoid of the second. */
function glu(x: Tensor): Tensor {
  const half = (x.shape.at(-1) ?? 0) / 2;
  if (!Number.isInteger(half) || half === 0) {
    throw new WasmgradError(`activation "glu" expects an even number of features, got shape [${x.shape}]`);
  }
  const [values, gate] = runAll(ops.split, [x], [half, half], x.rank - 1);
  return run(ops.mul, [values!, run(ops.sigmoid, [gate!])]);
}

/**
 * max(x - tau, 0) along the last axis. tau is that of Keras 3.15, which adds up all cumulative sums of the support: with
 * more than one element in it a row does not sum to 1.
 */
function sparsemax(x: Tensor): Tensor {
  const axis = x.rank - 1;
  const size = x.shape[axis]!;
  const [sorted] = runAll(ops.topK, [x], size);
  const sums = run(ops.cumSum, [sorted!], axis, false, false);
  const means = run(ops.div, [run(ops.sub, [sums, constant(1)]), run(ops.range, [], 1, 1, size, 'float32')]);
  const support = run(ops.greater, [sorted!, means]);
  const sumLast = (values: Tensor) => run(ops.sum, [values], [axis], true);
  const total = sumLast(run(ops.select, [support, sums, constant(0)]));
  const tau = run(ops.div, [run(ops.sub, [total, constant(1)]), sumLast(run(ops.cast, [support], 'float32'))]);
  return run(ops.maximum, [run(ops.sub, [x, tau]), constant(0)]);
}

const activations = new Registry<ActivationFunction>('activation', {
  linear: (x) => x,
  relu: by(ops.relu),
  relu6: by(ops.relu6),
  leakyRelu: by(ops.leakyRelu, 0.2),
  elu: by(ops.elu, 1),
  selu: by(ops.selu),
  celu: by(ops.celu, 1),
  gelu: by(ops.gelu),
  silu: by(ops.silu),
  swish: by(ops.silu),
  mish: by(ops.mish),
  softplus: by(ops.softplus),
  softsign: by(ops.softsign),
  sigmoid: by(ops.sigmoid),
  hardSigmoid: by(ops.hardSigmoid),
  hardSilu: by(ops.hardSilu),
  hardSwish: by(ops.hardSilu),
  logSigmoid: by(ops.logSigmoid),
  tanh: by(ops.tanh),
  hardTanh: by(ops.hardTanh),
  tanhShrink: by(ops.tanhShrink),
  softShrink: by(ops.softShrink, 0.5),
  hardShrink: by(ops.hardShrink, 0.5),
  squareplus: by(ops.squareplus, 4),
  sparsePlus: by(ops.sparsePlus),
  sparseSigmoid: by(ops.sparseSigmoid),
  exponential: by(ops.exp),
  softmax: by(ops.softmax),
  logSoftmax: by(ops.logSoftmax),
  glu,
  sparsemax,
});

/**
 * The activation of a name or function; none is linear.
 * @throws on an unknown name, with the nearest one.
 */
export function getActivation(place: string, identifier: ActivationIdentifier): Activation {
  const f = typeof identifier === 'function' ? identifier : activations.get(place, identifier ?? 'linear');
  return Object.assign((x: Tensor) => f(x), {
    identifier: typeof identifier === 'function' ? null : (identifier ?? 'linear'),
  });
}

/**
 * The name under which an activation is saved.
 * @throws if it is a function without a name.
 */
export function serializeActivation(place: string, { identifier }: Activation): string {
  if (identifier === null) {
    throw new WasmgradError(
      `${place}: an activation that is a function cannot be saved; write a layer for it (class extends Layer)`,
    );
  }
  return identifier;
}
