// What a metric is: numbers in the core that the programs' own nodes change, and what is read from them.
import { maskLike } from '../losses/loss.js';
import * as ops from '../ops.gen.js';
import type { Shape } from '../tensor/dtypes.js';
import { create, run } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';
import { Variable } from '../tensor/variable.js';
import { constant, mul } from '../tensor/words.js';

/** (yTrue, yPred) => a value for each sample. Runs on symbolic tensors. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Extend it for a metric of your own: make the state in the constructor, write `update` and `result`. */
export abstract class Metric {
  /** Its state, in the order in which it was made. */
  readonly variables: Variable[] = [];

  /** @param name under which `history` and logs have it, unless another metric of the model has the name before */
  constructor(readonly name: string) {}

  /** A part of the state: float32, zeros at first and after every `reset`. */
  protected addVariable(name: string, shape: Shape = []): Variable {
    const zeros = create(shape, 'float32', (view) => view.fill(0));
    const variable = new Variable(zeros, false, `${this.name}/${name}`);
    this.variables.push(variable);
    return variable;
  }

  /**
   * Counts a batch. Runs on symbolic tensors; the state is changed by `variable.assign`.
   * @param mask which steps of the predictions count, if the model's output carries a mask: bool (batch, steps)
   */
  abstract update(yTrue: Tensor, yPred: Tensor, mask?: Tensor): void;

  /** The metric of what was counted since the last reset. Reads the state's values. */
  abstract result(): number;

  reset(): void {
    for (const variable of this.variables) {
      inScope('reset', () => variable.assign(run(ops.fill, [], variable.shape, 0, 'float32')));
    }
  }

  /** What it holds, as a function that brings it back. */
  save(): () => void {
    const values = this.variables.map((variable) => variable.dataSync());
    return () =>
      this.variables.forEach((variable, i) =>
        inScope('restore', () => variable.assign(create(variable.shape, 'float32', (view) => view.set(values[i]!)))),
      );
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}

/** A weighted mean. */
export class Mean extends Metric {
  private readonly total = this.addVariable('total');
  private readonly count = this.addVariable('count');

  /** Counts a mean `value` of so many samples. Both are scalars. */
  update(value: Tensor, samples: Tensor): void {
    this.add(run(ops.mul, [value, samples]), samples);
  }

  /** Counts so many values by their sum. */
  protected add(sum: Tensor, count: Tensor): void {
    run(ops.assign, [this.total, run(ops.add, [this.total, sum])]);
    run(ops.assign, [this.count, run(ops.add, [this.count, count])]);
  }

  /** The mean so far; 0 of nothing. */
  result(): number {
    const [total, count] = this.variables.map((variable) => variable.dataSync()[0]!) as [number, number];
    return count === 0 ? 0 : Math.fround(total / count);
  }
}

/** The mean of a function of targets and predictions. */
export class MeanMetric extends Mean {
  constructor(
    private readonly f: MetricFunction,
    name = f.name || 'metric',
  ) {
    super(name);
  }

  override update(yTrue: Tensor, yPred: Tensor, mask?: Tensor): void {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    const axes = values.shape.map((_, axis) => axis);
    const total = (x: Tensor) => run(ops.sum, [x], axes, false);
    if (mask === undefined) return this.add(total(values), constant(values.size));
    const counts = maskLike(values, mask);
    this.add(total(mul(values, counts)), total(counts));
  }
}
