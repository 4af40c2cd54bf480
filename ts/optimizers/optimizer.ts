// What an optimizer is, with Keras 3's rules. An update is an op that writes a variable and its slots in place.
import { eagerly } from '../compile.js';
import { WasmgradError } from '../core/errors.js';
import { checkOptions, checkValue, FROM_ZERO, given, POSITIVE, TEXT, type Rules } from '../core/options.js';
import { gradientsOfVariables, type NamedTensorMap } from '../graph.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { create, run } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import type { Tensor } from '../tensor/tensor.js';
import { Variable, variableNamed } from '../tensor/variable.js';

/** Options that every optimizer takes. */
export interface OptimizerArgs {
  learningRate?: number;
  /** Before each step every weight shrinks by this fraction of the learning rate. Default: none. */
  weightDecay?: number;
  /** The largest norm of each gradient: one above it is scaled down to it. At most one of the three clips. Default: any. */
  clipnorm?: number;
  /** The largest norm of all gradients together: above it all are scaled down. Default: any. */
  globalClipnorm?: number;
  /** The largest absolute value of an element of a gradient. Default: any. */
  clipvalue?: number;
  name?: string;
}

/** What ends the options of every update. */
export type CommonOptions = [weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number];

/** What they must be. */
const COMMON: Rules<OptimizerArgs> = {
  learningRate: FROM_ZERO,
  weightDecay: FROM_ZERO,
  clipnorm: POSITIVE,
  globalClipnorm: POSITIVE,
  clipvalue: POSITIVE,
  name: TEXT,
};

/** The ways to clip, of which an optimizer has at most one. */
const CLIPPING = ['clipnorm', 'globalClipnorm', 'clipvalue'] as const;

/** A weight of at least so many elements moves by itself, as soon as its gradient is there; the others move together. */
const LARGE = 1 << 13;

export abstract class Optimizer {
  static className = 'Optimizer';

  readonly name: string;
  /** Steps taken, an int32 scalar. */
  readonly iterations: Variable;
  /** A float32 scalar, read at every step. */
  protected readonly rate: Variable;
  private readonly common: Pick<OptimizerArgs, 'weightDecay' | (typeof CLIPPING)[number]>;
  private readonly slots = new Map<Variable, Variable[]>();
  /** Whether it has begun to train. */
  built = false;

  /** @throws if an option is unknown, or breaks its rule; nothing is made then. */
  constructor(defaultRate: number, args: OptimizerArgs, rules: Rules) {
    const className = this.getClassName();
    checkOptions<object>(`optimizer ${className}`, args, { ...COMMON, ...rules });
    const clipping = CLIPPING.filter((name) => args[name] !== undefined);
    if (clipping.length > 1) {
      throw new WasmgradError(`optimizer ${className}: ${clipping.join(' and ')} were given; clip in one way`);
    }
    this.name = args.name ?? className.toLowerCase();
    const { weightDecay, clipnorm, globalClipnorm, clipvalue } = args;
    this.common = { weightDecay, clipnorm, globalClipnorm, clipvalue };
    this.iterations = host('int32', 0, 'iteration');
    this.rate = host('float32', args.learningRate ?? defaultRate, 'learning_rate');
  }

  getClassName(): string {
    return (this.constructor as typeof Optimizer).className;
  }

  /** The rate at which weights change. May be set at any time. */
  get learningRate(): number {
    return this.rate.dataSync()[0]!;
  }

  set learningRate(learningRate: number) {
    checkValue(`optimizer ${this.getClassName()}`, 'learningRate', learningRate, FROM_ZERO);
    this.rate.assign(learningRate);
  }

  /** New slots for one variable: as many as `update` needs. */
  protected abstract makeSlots(w: Variable): Variable[];

  /**
   * Runs the op that moves weights.
   * @param operands for each weight what is written, itself first; for each its gradient; the learning rate
   */
  protected abstract update(operands: readonly Tensor[], common: CommonOptions): void;

  /** Makes the slots of variables that have none. Training does it by itself. */
  build(weights: readonly Variable[]): void {
    for (const w of weights)
      if (!this.slots.has(w))
        this.slots.set(
          w,
          eagerly(() => this.makeSlots(w)),
        );
    this.built = true;
  }

  /** Moves each variable by its gradient: at once, or as nodes of the program that is being traced. */
  apply(entries: readonly (readonly [Variable, Tensor])[]): void {
    this.build(entries.map(([w]) => w));
    const { weightDecay = 0, clipnorm, globalClipnorm, clipvalue = 0 } = this.common;
    const common: CommonOptions = [
      weightDecay,
      clipnorm ?? globalClipnorm ?? 0,
      globalClipnorm !== undefined,
      clipvalue,
    ];
    const apart = globalClipnorm === undefined ? entries.filter(([w]) => w.size >= LARGE) : [];
    const together = entries.filter((entry) => !apart.includes(entry));
    for (const group of [...apart.map((entry) => [entry]), together]) {
      if (group.length === 0) continue;
      const written = group.flatMap(([w]) => [w, ...this.slots.get(w)!]);
      this.update([...written, ...group.map(([, dw]) => dw), this.rate], common);
    }
    inScope('apply', () => {
      for (const [w] of entries) if (w.constraint !== undefined) w.assign(w.constraint(w));
      run(ops.assign, [this.iterations, run(ops.add, [this.iterations, run(ops.fill, [], [], 1, 'int32')])]);
    });
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

  /** The state in Keras's order: iterations, learning rate, then the slots. */
  get variables(): Variable[] {
    return [this.iterations, this.rate, ...this.slotVariables([...this.slots.values()])];
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
    const own = [this.iterations, this.rate].map((variable): [string, Variable] => [variable.name, variable]);
    const slots = weights.flatMap(([path, w]) =>
      (this.slots.get(w) ?? []).map((s): [string, Variable] => [`${path}/${s.name.slice(w.name.length + 1)}`, s]),
    );
    return [...own, ...slots];
  }

  getConfig(): ConfigDict {
    const config: ConfigDict = { name: this.name, learningRate: this.learningRate };
    return Object.assign(config, given(this.common));
  }

  /** Frees the state. */
  dispose(): void {
    for (const v of this.variables) v.dispose();
    this.slots.clear();
  }
}

/** State of the optimizer: a scalar that no gradient reaches. */
function host(dtype: 'int32' | 'float32', x: number, name: string): Variable {
  return new Variable(
    create([], dtype, (view) => view.fill(x)),
    false,
    name,
  );
}

/** A slot in the shape of a variable, all elements `x`. */
export function slot(w: Variable, name: string, x = 0): Variable {
  return new Variable(
    create(w.shape, 'float32', (view) => view.fill(x)),
    false,
    `${w.name}_${name}`,
  );
}
