// Which targets a loss takes, and what is said of those that do not fit.
import { WasmgradError } from '../core/errors.js';
import type { BatchShape } from '../layers/layer.js';
import { formatShape } from '../tensor/dtypes.js';
import type { Tensor } from '../tensor/tensor.js';

/** Where targets came in, and for which loss: what errors begin with. */
export interface Asked {
  place: string;
  loss: string;
}

export interface Targets {
  /** The shape that targets for outputs of this shape have as a rule. */
  shape(output: BatchShape): BatchShape;
  /**
   * @param ignoreClass the label of what does not count
   * @throws if targets do not fit outputs of this shape
   */
  check(asked: Asked, y: Tensor, output: BatchShape, ignoreClass?: number): void;
}

const same = (output: BatchShape) => output;
const withoutLast = (output: BatchShape) => output.slice(0, -1);

/** Whether targets have the shape of the outputs, whatever their number. */
function matches(targets: BatchShape, outputs: BatchShape): boolean {
  return targets.length === outputs.length && outputs.every((dim, i) => i === 0 || dim === null || dim === targets[i]);
}

/** A number for each output. */
export const LIKE_OUTPUTS: Targets = {
  shape: same,
  check({ place, loss }, y, output) {
    const squeezed = (shape: BatchShape, rank: number) =>
      shape.length === rank + 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
    const [targets, outputs] = [squeezed(y.shape, output.length), squeezed(output, y.rank)];
    if (matches(targets, outputs)) return;
    throw new WasmgradError(
      `${place}: loss "${loss}" compares targets of shape ${formatShape(y.shape)} with outputs of shape ` +
        `${formatShape(output)}; give targets of the outputs' shape, or a last layer of as many units as a target has numbers`,
    );
  },
};

/** A probability for each output. */
export const PROBABILITIES: Targets = {
  shape: same,
  check(asked, y, output) {
    LIKE_OUTPUTS.check(asked, y, output);
    refuseLabels(
      asked,
      y,
      (label) => label >= 0 && label <= 1,
      () => {
        return (
          `is not a probability: loss "${asked.loss}" compares targets from 0 to 1; ` +
          'for more than two classes use a unit for each and a categorical loss'
        );
      },
    );
  },
};

/** A probability for each class. */
export const ONE_HOT: Targets = {
  shape: same,
  check({ place, loss }, y, output) {
    if (matches(y.shape, output)) return;
    throw new WasmgradError(
      `${place}: loss "${loss}" expects one-hot targets of shape ${formatShape(output)}, got ` +
        `${formatShape(y.shape)}; for labels that are class numbers use 'sparseCategoricalCrossentropy'`,
    );
  },
};

/** The numbers of the classes that a sequence tells, filled up with 0. */
export const SEQUENCES: Targets = {
  shape: withoutLast,
  check(asked, y, output) {
    if (output.length !== 3 || y.rank !== 2) {
      throw new WasmgradError(
        `${asked.place}: loss "${asked.loss}" compares labels of shape [*, length] with outputs of shape [*, steps, classes], ` +
          `got targets of shape ${formatShape(y.shape)} and outputs of shape ${formatShape(output)}`,
      );
    }
    refuseNoClasses(asked, y, output.at(-1)!);
  },
};

/** The number of a class, or that of no class. */
export const CLASS_NUMBERS: Targets = {
  shape: withoutLast,
  check(asked, y, output, ignoreClass) {
    const classes = output.at(-1)!;
    const labels = y.rank === output.length && y.shape.at(-1) === 1 ? y.shape.slice(0, -1) : y.shape;
    if (!matches(labels, withoutLast(output))) {
      throw new WasmgradError(
        `${asked.place}: loss "${asked.loss}" expects one class number for each sample, targets of shape ` +
          `${formatShape(withoutLast(output))}, got ${formatShape(y.shape)}` +
          (y.shape.at(-1) === classes ? "; for one-hot targets use 'categoricalCrossentropy'" : ''),
      );
    }
    refuseNoClasses(asked, y, classes, ignoreClass);
  },
};

/** The class of each sample, for outputs that are places, not classes. */
export const CLASS_OF_EACH: Targets = {
  shape: withoutLast,
  check({ place, loss }, y, output) {
    if (output.length === 2 && (y.rank === 1 || (y.rank === 2 && y.shape[1] === 1))) return;
    throw new WasmgradError(
      `${place}: loss "${loss}" expects the class number of each sample, targets of shape [*], and outputs of shape ` +
        `[*, features], got targets of shape ${formatShape(y.shape)} and outputs of shape ${formatShape(output)}`,
    );
  },
};

/** @throws if a label is neither the number of a class nor `ignoreClass` */
function refuseNoClasses(asked: Asked, y: Tensor, classes: number, ignoreClass?: number): void {
  const isClass = (label: number) => Number.isInteger(label) && label >= 0 && label < classes;
  refuseLabels(
    asked,
    y,
    (label) => isClass(label) || label === ignoreClass,
    () =>
      `is not a class: the model has ${classes} outputs, so labels are whole numbers from 0 to ${classes - 1}; ` +
      'give the last layer more units, or number the classes from 0',
  );
}

/** @throws if a label is not as it should be; `what` says what is wrong with it */
function refuseLabels({ place }: Asked, y: Tensor, ok: (label: number) => boolean, what: () => string): void {
  const labels = y.dataSync();
  const wrong = labels.findIndex((label) => !ok(label));
  if (wrong >= 0) throw new WasmgradError(`${place}: label ${labels[wrong]} at position ${wrong} ${what()}`);
}
