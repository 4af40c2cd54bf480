// What a metric is: numbers in the core that the programs' own nodes change, and what is read from them.
import { sumAll, weightsLike } from '../losses/weights.js';
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
   * @param sampleWeight how much each sample counts, or each step of it: float32 (batch) or (batch, steps). It is given to
   *   `weightedMetrics` of a `fit` with weights, and to all metrics where the model's output carries a mask: 0 is left out.
   */
  abstract update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void;

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

  /** Counts values, each as much as its weight says. */
  update(values: Tensor, sampleWeight?: Tensor): void {
    if (sampleWeight === undefined) return this.add(sumAll(values), constant(values.size));
    let weights = weightsLike(values, sampleWeight);
    if (weights.size !== values.size) weights = run(ops.broadcastTo, [weights], values.shape);
    this.add(sumAll(mul(values, weights)), sumAll(weights));
  }

  private add(sum: Tensor, count: Tensor): void {
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

  override update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    super.update(values, sampleWeight);
  }
}
