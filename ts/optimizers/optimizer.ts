// What an optimizer is, with Keras 3's rules. An update is an op that writes a variable and its slots in place.
import { beforeEachRun, eagerly, isTracing, type Argument } from '../compile.js';
import { describe, WasmgradError } from '../core/errors.js';
import {
  checkOptions,
  checkValue,
  FLAG,
  FROM_ZERO,
  FROM_ZERO_TO_ONE,
  given,
  POSITIVE,
  ANY,
  rulesOf,
  TEXT,
  wholeFrom,
  withDefaults,
  type Rules,
  type Stated,
} from '../core/options.js';
import { gradientsOfVariables, type NamedTensorMap } from '../graph.js';
import * as ops from '../ops.gen.js';
import { getSchedule, type LearningRate, type LearningRateSchedule } from '../schedules/schedule.js';
import { serialize, type ConfigDict } from '../serialization.js';
import { create, run } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import type { Tensor } from '../tensor/tensor.js';
import { Variable, variableNamed } from '../tensor/variable.js';
import { add, div, mul, oneMinus, toFloat } from '../tensor/words.js';
import { clipped, UNCLIPPED, type Clipping, type Entry } from './clipping.js';

/** Options that every optimizer takes. */
export interface OptimizerArgs {
  /** A number, a schedule (`optimizers.schedules`), or a function from the number of steps before to the rate. */
  learningRate?: LearningRate;
  /** Before each step every weight shrinks by this fraction of the learning rate. Default: none. */
  weightDecay?: number | null;
  /** The largest norm of each gradient: one above it is scaled down to it. At most one of the three clips. Default: any. */
  clipnorm?: number;
  /** The largest norm of all gradients together: above it all are scaled down. Default: any. */
  globalClipnorm?: number;
  /** The largest absolute value of an element of a gradient. Default: any. */
  clipvalue?: number;
  /** Whether to keep a moving average of each weight, which the weight takes over at the end of `fit`. Default: false. */
  useEma?: boolean;
  /** How much of the average is kept at a step. Default: 0.99. */
  emaMomentum?: number;
  /** After how many steps weights take over their averages during training. Default: never. */
  emaOverwriteFrequency?: number;
  /** How many gradients are averaged for one update. Default: 1. */
  gradientAccumulationSteps?: number;
  name?: string;
}

/** What ends the options of every update. */
export type CommonOptions = [weightDecay: number, ...Clipping];

/** What they must be. */
const COMMON: Rules<OptimizerArgs> = {
  learningRate: ANY,
  weightDecay: { ...FROM_ZERO, ok: (x) => x === null || FROM_ZERO.ok(x) },
  clipnorm: POSITIVE,
  globalClipnorm: POSITIVE,
  clipvalue: POSITIVE,
  useEma: FLAG,
  emaMomentum: FROM_ZERO_TO_ONE,
  emaOverwriteFrequency: wholeFrom(1),
  gradientAccumulationSteps: wholeFrom(2),
  name: TEXT,
};

/** The ways to clip, of which an optimizer has at most one. */
const CLIPPING = ['clipnorm', 'globalClipnorm', 'clipvalue'] as const;

/** A weight of at least so many elements moves by itself, as soon as its gradient is there; the others move together. */
const LARGE = 1 << 13;

/** What is done at a step besides the usual: a program is for steps of one kind. */
export interface StepKind {
  /** Whether gradients are only added up. */
  accumulates: boolean;
  /** Whether weights take over their averages. */
  overwrites: boolean;
}

/** What the optimizer keeps of a weight. */
interface State {
  average?: Variable;
  accumulator?: Variable;
  slots: Variable[];
}

export abstract class Optimizer<Options extends object = object> {
  static className = 'Optimizer';

  readonly name: string;
  protected readonly options: Readonly<Options>;
  /** Calls of `apply`, an int32 scalar. */
  private readonly iteration: Variable;
  /** A float32 scalar, read at every step; with a schedule the rate of an eager step. */
  private readonly rate: Variable;
  private schedule: LearningRateSchedule | undefined;
  private readonly common: Omit<OptimizerArgs, 'name' | 'learningRate'>;
  private readonly states = new Map<Variable, State>();
  private readonly undecayed = { list: new Set<Variable>(), names: undefined as RegExp | undefined };
  /** Rates of coming steps, the first of which is number `first`. */
  private table: { first: number; rates: Variable } | undefined;
  /** The rates of the first, the second and further steps of a program. */
  private readonly tracedRates: Variable[] = [];
  private trace: { of: unknown; steps: number } = { of: undefined, steps: 0 };
  /** Whether it has begun to train. */
  built = false;

  /** @throws if an option is unknown, or breaks its rule; nothing is made then. */
  constructor(defaultRate: number, args: OptimizerArgs & Partial<Options>, stated: Stated<Options>) {
    const place = this.place;
    checkOptions<object>(place, args, { ...COMMON, ...rulesOf(stated) });
    const clipping = CLIPPING.filter((name) => args[name] !== undefined);
    if (clipping.length > 1) {
      throw new WasmgradError(`${place}: ${clipping.join(' and ')} were given; clip in one way`);
    }
    const { name, learningRate = defaultRate, ...others } = args;
    this.schedule = getSchedule(place, learningRate);
    if (this.schedule === undefined) checkValue(place, 'learningRate', learningRate, FROM_ZERO);
    this.name = name ?? this.getClassName().toLowerCase();
    this.options = withDefaults(stated, args);
    this.common = Object.fromEntries(Object.entries(given(others)).filter(([key]) => key in COMMON));
    this.iteration = scalar('int32', 0, 'iteration');
    this.rate = scalar('float32', this.schedule ? 0 : (learningRate as number), 'learning_rate');
  }

  getClassName(): string {
    return (this.constructor as typeof Optimizer).className;
  }

  private get place(): string {
    return `optimizer ${this.getClassName()}`;
  }

  /** Calls of `apply`, which number the steps of a schedule. */
  private get calls(): number {
    return this.iteration.dataSync()[0]!;
  }

  /** Updates made: batches, unless the gradients of several are accumulated for one. */
  get iterations(): number {
    return Math.floor(this.calls / (this.common.gradientAccumulationSteps ?? 1));
  }

  /** `iterations` as an int32 scalar, in eager code and in programs. */
  protected get updates(): Tensor {
    const { gradientAccumulationSteps: every } = this.common;
    return every === undefined
      ? this.iteration
      : run(ops.floorDiv, [this.iteration, run(ops.fill, [], [], every, 'int32')]);
  }

  /** The rate at which weights change: with a schedule that of the next step. A number may be set at any time. */
  get learningRate(): number {
    return this.schedule ? this.rateOf(this.schedule, this.calls) : this.rate.dataSync()[0]!;
  }

  /** @throws if a number is set while there is a schedule */
  set learningRate(learningRate: LearningRate) {
    const schedule = getSchedule(this.place, learningRate);
    if (schedule === undefined) {
      checkValue(this.place, 'learningRate', learningRate, FROM_ZERO);
      if (this.schedule) {
        throw new WasmgradError(
          `${this.place}: its learning rate follows a schedule, and no number can be set; make the optimizer with a ` +
            'number as learningRate, or change the schedule',
        );
      }
      this.rate.assign(learningRate as number);
    }
    this.schedule = schedule;
    this.dropTable();
  }

  private rateOf(schedule: LearningRateSchedule, step: number): number {
    const rate: unknown = schedule.call(step);
    if (typeof rate === 'number') return Math.fround(rate);
    throw new WasmgradError(`${this.place}: the schedule must give a number, it gave ${describe(rate)}`);
  }

  /** Whether programs of training steps take the rate as one more input, a float32 scalar. */
  get takesRate(): boolean {
    return this.schedule !== undefined;
  }

  /** The rates of the next `count` steps as an argument of a program that takes them. */
  rates(count: number): Argument[] {
    const { schedule } = this;
    if (schedule === undefined) return [];
    const next = this.calls;
    const { first, rates } = this.table ?? { first: 0, rates: undefined };
    if (rates === undefined || next < first || next + count > first + rates.size) {
      this.dropTable();
      const values = Float32Array.from({ length: Math.max(count, 64) }, (_, i) => this.rateOf(schedule, next + i));
      const table = create([values.length], 'float32', (view) => view.set(values));
      this.table = { first: next, rates: new Variable(table, false, 'rates') };
    }
    return [{ tensor: this.table!.rates, offset: next - this.table!.first, stride: 1 }];
  }

  private dropTable(): void {
    this.table?.rates.dispose();
    this.table = undefined;
  }

  /** The kind of the next step. */
  get nextKind(): StepKind {
    return this.kindOf(this.calls);
  }

  private kindOf(step: number): StepKind {
    const { gradientAccumulationSteps: every = 1, useEma, emaOverwriteFrequency } = this.common;
    const overwrites = useEma && emaOverwriteFrequency && (Math.floor(step / every) + 1) % emaOverwriteFrequency === 0;
    return { accumulates: (step + 1) % every !== 0, overwrites: Boolean(overwrites) };
  }

  /** How many of the next `most` steps are of one kind. */
  alike(most: number): number {
    const { gradientAccumulationSteps, emaOverwriteFrequency } = this.common;
    if (gradientAccumulationSteps === undefined && emaOverwriteFrequency === undefined) return most;
    const [first, { accumulates, overwrites }] = [this.calls, this.nextKind];
    for (let count = 1; count < most; count++) {
      const kind = this.kindOf(first + count);
      if (kind.accumulates !== accumulates || kind.overwrites !== overwrites) return count;
    }
    return most;
  }

  /** New slots for one variable: as many as `update` needs. */
  protected abstract makeSlots(w: Variable): Variable[];

  /**
   * Runs the op that moves weights.
   * @param operands for each weight what is written, itself first; for each its gradient; the learning rate
   */
  protected abstract update(operands: readonly Tensor[], common: CommonOptions): void;

  /** What is done once a step, before weights move. */
  protected beforeUpdates(): void {}

  /** Makes the slots of variables that have none. Training does it by itself. */
  build(weights: readonly Variable[]): void {
    const { useEma, gradientAccumulationSteps } = this.common;
    for (const w of weights) {
      if (this.states.has(w)) continue;
      eagerly(() =>
        this.states.set(w, {
          ...(useEma && { average: slot(w, 'average') }),
          ...(gradientAccumulationSteps && { accumulator: slot(w, 'gradient_accumulator') }),
          slots: this.makeSlots(w),
        }),
      );
    }
    this.built = true;
  }

  /**
   * Keeps variables from weight decay: those of `varList`, and those in whose name (`kernel` of `dense/kernel`) one of
   * `varNames`, each a regular expression, is found.
   * @throws if training has begun
   */
  excludeFromWeightDecay({ varList = [], varNames = [] }: { varList?: Iterable<Variable>; varNames?: string[] }): void {
    if (this.built)
      throw new WasmgradError(`${this.place}: excludeFromWeightDecay is for before training; it has begun`);
    this.undecayed.list = new Set(varList);
    this.undecayed.names = varNames.length > 0 ? new RegExp(varNames.join('|')) : undefined;
  }

  private isUndecayed(w: Variable): boolean {
    const { list, names } = this.undecayed;
    return list.has(w) || Boolean(names?.test(w.name.split('/').at(-1)!));
  }

  /** How fast a variable that is not excluded decays. */
  protected decayOf(_w: Variable): number | null | undefined {
    return this.common.weightDecay;
  }

  protected slotsOf(w: Variable): Variable[] {
    return this.states.get(w)!.slots;
  }

  /**
   * Moves each variable by its gradient: at once, or as nodes of the program that is being traced.
   * @param step the rate, and what kind of step it is; by default what the optimizer's own count of steps says
   */
  apply(entries: readonly Entry[], step?: { rate: Tensor | undefined; kind: StepKind }): void {
    this.build(entries.map(([w]) => w));
    inScope('apply', () => {
      const { rate = this.rate, kind } = step ?? { rate: this.ownRate(), kind: this.ownKind() };
      const gradients = this.accumulated(entries, kind.accumulates);
      if (!kind.accumulates) {
        this.beforeUpdates();
        this.move(gradients, rate);
      }
      this.average(entries, kind.overwrites);
      for (const [w] of entries) if (w.constraint !== undefined) w.assign(w.constraint(w));
      run(ops.assign, [this.iteration, run(ops.add, [this.iteration, run(ops.fill, [], [], 1, 'int32')])]);
    });
  }

  /** The rate of a step that nobody else gives it. */
  private ownRate(): Tensor {
    const { schedule } = this;
    if (schedule === undefined) return this.rate;
    if (!isTracing()) {
      this.rate.assign(this.rateOf(schedule, this.calls));
      return this.rate;
    }
    const of = beforeEachRun(() => rate.assign(this.rateOf(this.schedule!, this.calls + place)));
    if (this.trace.of !== of) this.trace = { of, steps: 0 };
    const place = this.trace.steps++;
    const rate = (this.tracedRates[place] ??= eagerly(() => scalar('float32', 0, 'learning_rate')));
    return rate;
  }

  private ownKind(): StepKind {
    const { gradientAccumulationSteps, emaOverwriteFrequency } = this.common;
    if (isTracing() && (gradientAccumulationSteps ?? emaOverwriteFrequency) !== undefined) {
      throw new WasmgradError(
        `${this.place}: with gradientAccumulationSteps or emaOverwriteFrequency steps differ, and a program of compile() does ` +
          'the same each time; compile the loss alone, and call minimize outside, or train by fit',
      );
    }
    return this.nextKind;
  }

  /** Gradients with what was accumulated before, as means; or none, and what was accumulated grows. */
  private accumulated(entries: readonly Entry[], goesOn: boolean): readonly Entry[] {
    const { gradientAccumulationSteps: every } = this.common;
    if (every === undefined) return entries;
    return entries.map(([w, dw]): Entry => {
      const accumulator = this.states.get(w)!.accumulator!;
      const sum = add(dw, accumulator);
      if (goesOn) {
        run(ops.assign, [accumulator, sum]);
        return [w, sum];
      }
      const mean = div(sum, every);
      run(ops.assign, [accumulator, run(ops.fill, [], w.shape, 0, 'float32')]);
      return [w, mean];
    });
  }

  /** Clips gradients, lets weights decay and moves them. */
  private move(entries: readonly Entry[], rate: Tensor): void {
    const { clipnorm, globalClipnorm, clipvalue = 0 } = this.common;
    const clipping: Clipping = [clipnorm ?? globalClipnorm ?? 0, globalClipnorm !== undefined, clipvalue];
    const groups = new Map<number, Entry[]>();
    for (const entry of entries) {
      const decay = this.isUndecayed(entry[0]) ? 0 : (this.decayOf(entry[0]) ?? 0);
      groups.set(decay, [...(groups.get(decay) ?? []), entry]);
    }
    // The norm of all gradients is known where they move together.
    if (globalClipnorm !== undefined && groups.size > 1) {
      const all = new Map(clipped(entries, clipping));
      for (const [decay, group] of groups) {
        const own = group.map(([w]): Entry => [w, all.get(w)!]);
        this.moveGroup(own, rate, [decay, ...UNCLIPPED]);
      }
      return;
    }
    for (const [decay, group] of groups) {
      const apart = globalClipnorm === undefined ? group.filter(([w]) => w.size >= LARGE) : [];
      const together = group.filter((entry) => !apart.includes(entry));
      for (const entries of [...apart.map((entry) => [entry]), together]) {
        if (entries.length > 0) this.moveGroup(entries, rate, [decay, ...clipping]);
      }
    }
  }

  /** Moves weights in one update. */
  protected moveGroup(entries: readonly Entry[], rate: Tensor, common: CommonOptions): void {
    const written = entries.flatMap(([w]) => [w, ...this.slotsOf(w)]);
    this.update([...written, ...entries.map(([, dw]) => dw), rate], common);
  }

  /** Moves the averages on, which begin with the weights after the first update. */
  private average(entries: readonly Entry[], overwrites: boolean): void {
    const { useEma, emaMomentum = 0.99, gradientAccumulationSteps = 1 } = this.common;
    if (!useEma) return;
    const isLater = run(ops.greaterEqual, [this.iteration, run(ops.fill, [], [], gradientAccumulationSteps, 'int32')]);
    const momentum = mul(toFloat(isLater), emaMomentum);
    const rest = oneMinus(momentum);
    for (const [w] of entries) {
      const average = this.states.get(w)!.average!;
      run(ops.assign, [average, add(mul(momentum, average), mul(rest, w))]);
      if (overwrites) run(ops.assign, [w, average]);
    }
  }

  /** Gives weights the values that they keep: those of their averages, if there are any. `fit` does it at its end. */
  finalizeVariableValues(weights: readonly Variable[]): void {
    for (const w of weights) {
      const average = this.states.get(w)?.average;
      if (average) w.assign(average);
    }
  }

  /**
   * Moves variables by gradients: `[{ name, tensor }]`, or an object by variable name.
   * @throws if a name belongs to no live variable.
   */
  applyGradients(gradients: NamedTensorMap | readonly { name: string; tensor: Tensor }[]): void {
    const named = Array.isArray(gradients)
      ? (gradients as { name: string; tensor: Tensor }[]).map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients as NamedTensorMap);
    this.apply(
      named.map(([name, tensor]) => {
        const w = variableNamed(name);
        if (w === undefined) throw new WasmgradError(`applyGradients: there is no variable named "${name}"`);
        return [w, tensor] as const;
      }),
    );
  }

  /**
   * Computes `f` and moves the variables that lower it: those in `list`, or all trainable ones that `f` reads.
   * @param returnCost whether to give f's value; otherwise it is disposed of
   */
  minimize(f: () => Tensor, returnCost = false, list?: readonly Variable[]): Tensor | null {
    const { value, entries } = gradientsOfVariables('minimize', f, list);
    try {
      this.apply(entries);
    } finally {
      for (const [, grad] of entries) grad.dispose();
    }
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  /** The state in Keras's order: iterations, learning rate (unless it follows a schedule), averages, accumulators, slots. */
  get variables(): Variable[] {
    const states = [...this.states.values()];
    return [
      this.iteration,
      ...(this.schedule ? [] : [this.rate]),
      ...states.flatMap(({ average }) => average ?? []),
      ...states.flatMap(({ accumulator }) => accumulator ?? []),
      ...this.slotVariables(states.map(({ slots }) => slots)),
      ...this.shared,
    ];
  }

  /** What it keeps of all weights together. */
  protected get shared(): Variable[] {
    return [];
  }

  /** `variables` with their names; they stay the optimizer's. */
  async getWeights(): Promise<{ name: string; tensor: Tensor }[]> {
    return this.variables.map((variable) => ({ name: variable.name, tensor: variable }));
  }

  /** The slots of all variables in Keras's order: variable by variable, unless a subclass says otherwise. */
  protected slotVariables(slots: Variable[][]): Variable[] {
    return slots.flat();
  }

  /** The state by path, as files hold it: `iteration`, `learning_rate` and, say, `dense/kernel/momentum` of a weight. */
  stateOf(weights: readonly (readonly [path: string, weight: Variable])[]): [path: string, variable: Variable][] {
    const { schedule } = this;
    const isNamed = Boolean(schedule?.getClassName());
    // Of a function a file holds the rate of the moment.
    if (schedule && !isNamed) this.rate.assign(this.learningRate);
    const own = [this.iteration, ...(isNamed ? [] : [this.rate]), ...this.shared];
    const ofWeights = weights.flatMap(([path, w]) => {
      const { average, accumulator, slots } = this.states.get(w) ?? { slots: [] };
      const all = [average, accumulator, ...slots].filter((s) => s !== undefined);
      return all.map((s): [string, Variable] => [`${path}/${s.name.slice(w.name.length + 1)}`, s]);
    });
    return [...own.map((variable): [string, Variable] => [variable.name, variable]), ...ofWeights];
  }

  getConfig(): ConfigDict {
    const { schedule } = this;
    const learningRate = schedule?.getClassName() ? serialize(schedule) : this.learningRate;
    return { name: this.name, learningRate, ...this.common, ...this.options };
  }

  /** Frees the state. */
  dispose(): void {
    for (const v of [...this.variables, this.rate, ...this.tracedRates]) v.dispose();
    this.dropTable();
    this.states.clear();
  }
}

/** State of the optimizer: a scalar that no gradient reaches. */
export function scalar(dtype: 'int32' | 'float32', x: number, name: string): Variable {
  return new Variable(
    create([], dtype, (view) => view.fill(x)),
    false,
    name,
  );
}

/** A slot in the shape of a variable, or another one, all elements `x`. */
export function slot(w: Variable, name: string, x = 0, shape = w.shape): Variable {
  return new Variable(
    create(shape, 'float32', (view) => view.fill(x)),
    false,
    `${w.name}_${name}`,
  );
}
