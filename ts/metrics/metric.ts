// What a metric is: numbers in the core that the programs' own nodes change, and what is read from them.
import { eagerly } from '../compile.js';
import { WasmgradError } from '../core/errors.js';
import { checkOptions, rulesOf, TEXT, withDefaults, type Stated } from '../core/options.js';
import { snakeCase } from '../core/registry.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { formatShape, type Shape } from '../tensor/dtypes.js';
import { create, run } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import type { Tensor } from '../tensor/tensor.js';
import { Variable } from '../tensor/variable.js';
import { add } from '../tensor/words.js';

/** (yTrue, yPred) => a value for each sample. Runs on symbolic tensors. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Extend it for a metric of your own: make the state in the constructor, write `update` and `result`. */
export abstract class Metric {
  /**
   * The name in files and of `registerClass`. A metric that has its own is saved with a model, and made again by
   * `new TheClass(config)` of what `getConfig` gave.
   */
  static className = '';
  /** Its state, in the order in which it was made. */
  readonly variables: Variable[] = [];

  /** Whether it is better the higher or the lower it is, if that is known; callbacks that watch it ask. */
  readonly direction: 'up' | 'down' | undefined = undefined;

  /** @param name under which `history` and logs have it, unless another metric of the model has the name before */
  constructor(readonly name: string) {}

  getClassName(): string {
    return (this.constructor as typeof Metric).className;
  }

  /** Its options, for files. */
  getConfig(): ConfigDict {
    return { name: this.name };
  }

  /** A part of the state: float32, zeros at first and after every `reset`. It may be made in `update`, once shapes are known. */
  protected addVariable(name: string, shape: Shape = []): Variable {
    const variable = eagerly(() => {
      const zeros = create(shape, 'float32', (view) => view.fill(0));
      return new Variable(zeros, false, `${this.name}/${name}`);
    });
    this.variables.push(variable);
    return variable;
  }

  /**
   * Counts a batch. Runs on symbolic tensors; the state is changed by `variable.assign`.
   * @param sampleWeight how much each sample counts, or each step of it: float32 (batch) or (batch, steps). It is given to
   *   `weightedMetrics` of a `fit` with weights, and to all metrics where the model's output carries a mask: 0 is left out.
   */
  abstract update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void;

  /** The metric of what was counted since the last reset, or one for each threshold or class. Reads the state's values. */
  abstract result(): number | number[];

  reset(): void {
    for (const variable of this.variables) {
      inScope('reset', () => variable.assign(run(ops.fill, [], variable.shape, 0, 'float32')));
    }
  }

  /** What it holds, as a function that brings it back. */
  save(): () => void {
    const values = this.variables.map((variable) => variable.dataSync());
    return () =>
      values.forEach((saved, i) =>
        inScope('restore', () => {
          const variable = this.variables[i]!;
          variable.assign(create(variable.shape, 'float32', (view) => view.set(saved)));
        }),
      );
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}

/** Adds to a part of a metric's state. */
export function count(variable: Variable, x: Tensor): void {
  run(ops.assign, [variable, add(variable, x)]);
}

/** Options that every metric of the library takes. */
export interface MetricArgs {
  /** By default Keras's. */
  name?: string;
}

/** A metric of the library, made with its options. */
export interface MetricClass<Options extends object = object> {
  readonly className: string;
  /** The options that are its own. */
  readonly stated: Stated<Options>;
  new (args?: MetricArgs & Partial<Options>): Metric;
}

/** A metric whose class states its options. */
export abstract class OwnMetric<Options extends object = object> extends Metric {
  static readonly stated: Stated<object> = {};
  protected readonly options: Options;

  /** @throws if an option is unknown, or breaks its rule; nothing is named then */
  constructor(args: MetricArgs & Partial<Options> = {}) {
    const stated = new.target.stated as Stated<Options>;
    checkOptions<object>(`metric ${new.target.className}`, args, { ...rulesOf(stated), name: TEXT });
    super(args.name ?? new.target.defaultName());
    this.options = withDefaults(stated, args);
  }

  protected static defaultName(): string {
    return snakeCase(this.className);
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}

/** @throws if targets and outputs have not the same shape */
export function checkAlike(y: Tensor, p: Tensor, mend: string): void {
  if (String(y.shape) === String(p.shape)) return;
  throw new WasmgradError(
    `targets of shape ${formatShape(y.shape)} do not fit outputs of shape ${formatShape(p.shape)}; ${mend}`,
  );
}

/** x / y, and 0 where y is 0. */
export function ratio(x: number, y: number): number {
  return y === 0 ? 0 : Math.fround(x / y);
}

/** The only one, or all. */
export function oneOrAll(results: number[]): number | number[] {
  return results.length === 1 ? results[0]! : results;
}
