// Optimizers that look at each weight as a whole: Lamb, Adafactor, Muon. Their updates are made of ops.
import {
  FINITE,
  FLAG,
  FRACTION,
  FROM_ZERO,
  orNull,
  POSITIVE,
  wholeFrom,
  type Rule,
  type Stated,
} from '../core/options.js';
import * as ops from '../ops.gen.js';
import { run, runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { add, constant, div, greater, maximum, mul, oneMinus, square, sub, toFloat, where } from '../tensor/words.js';
import { MOMENTS, type MomentsArgs } from './adam.js';
import { clipped, sqrt, sumAll, UNCLIPPED, type Clipping, type Entry } from './clipping.js';
import { Optimizer, scalar, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

const minimum = (x: Tensor, y: Tensor) => run(ops.minimum, [x, y]);
const power = (x: Tensor, y: Tensor) => run(ops.pow, [x, y]);
const matMul = (x: Tensor, y: Tensor, transposeY = false) => run(ops.matMul, [x, y], false, transposeY);
const meanOf = (x: Tensor, axis: number, keepDims = false) => run(ops.mean, [x], [axis], keepDims);
const rms = (x: Tensor) => sqrt(div(sumAll(square(x)), x.size));

/** Gives a variable new values, which it is from now on. */
function put(variable: Variable, values: Tensor): Tensor {
  return run(ops.assign, [variable, values]);
}

/** m += (x - m) * (1 - beta) */
const moved = (m: Variable, x: Tensor, beta: number) => put(m, add(m, mul(sub(x, m), 1 - beta)));

/** w after weight decay. */
const decayed = (w: Tensor, decay: number, rate: Tensor) => (decay === 0 ? w : sub(w, mul(mul(w, decay), rate)));

abstract class Layerwise<Options extends object> extends Optimizer<Options> {
  protected update(): void {}

  /** The number of this step, the first is 1, as a float32 scalar. */
  protected get step(): Tensor {
    return add(toFloat(this.updates), 1);
  }

  protected override moveGroup(entries: readonly Entry[], rate: Tensor, [decay, ...clipping]: CommonOptions): void {
    for (const [w, dw] of clipped(entries, clipping)) put(w, this.moved(w, decayed(w, decay, rate), dw, rate));
  }

  /** The new values of a variable whose values are `x`. */
  protected abstract moved(w: Variable, x: Tensor, dw: Tensor, rate: Tensor): Tensor;
}

/** Adam's step u, as long as the weight: w -= lr * |w| / |u| * u. Default learning rate: 0.001. */
export class Lamb extends Layerwise<Required<Pick<MomentsArgs, 'beta1' | 'beta2' | 'epsilon'>>> {
  static override className = 'Lamb';

  constructor(args: MomentsArgs = {}) {
    super(0.001, args, MOMENTS);
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'momentum'), slot(w, 'velocity')];
  }

  protected moved(w: Variable, x: Tensor, dw: Tensor, rate: Tensor): Tensor {
    const { beta1, beta2, epsilon } = this.options;
    const [m, v] = this.slotsOf(w) as [Variable, Variable];
    const { step } = this;
    const corrected = (mean: Tensor, beta: number) => div(mean, oneMinus(power(constant(beta), step)));
    const momentum = corrected(moved(m, dw, beta1), beta1);
    const u = div(momentum, add(sqrt(corrected(moved(v, square(dw), beta2), beta2)), epsilon));
    const [ofWeight, ofStep] = [sqrt(sumAll(square(x))), sqrt(sumAll(square(u)))];
    const ratio = where(greater(minimum(ofWeight, ofStep), 0), div(ofWeight, ofStep), 1);
    return sub(x, mul(mul(ratio, rate), u));
  }
}

interface AdafactorOptions {
  /** The power of the step's number by which the part of new squares falls. Default: -0.8. */
  beta2Decay: number;
  /** Added to squared gradients. Default: 1e-30. */
  epsilon1: number;
  /** The least size of a weight, as its root mean square, that steps are measured by. Default: 0.001. */
  epsilon2: number;
  /** The largest root mean square of a step before it is scaled. Default: 1. */
  clipThreshold: number;
  /** Whether the rate is at most 1 / sqrt(t). Default: true. */
  relativeStep: boolean;
}

export interface AdafactorArgs extends OptimizerArgs, Partial<AdafactorOptions> {}

const ADAFACTOR: Stated<AdafactorOptions> = {
  beta2Decay: [FINITE, -0.8],
  epsilon1: [FROM_ZERO, 1e-30],
  epsilon2: [FROM_ZERO, 1e-3],
  clipThreshold: [POSITIVE, 1],
  relativeStep: [FLAG, true],
};

/**
 * Steps dw / sqrt(v) in proportion to the weight, where v is the mean of dw^2: of a matrix that of its rows times that of its
 * columns. Default learning rate: 0.001.
 */
export class Adafactor extends Layerwise<AdafactorOptions> {
  static override className = 'Adafactor';

  constructor(args: AdafactorArgs = {}) {
    super(0.001, args, ADAFACTOR);
  }

  protected makeSlots(w: Variable): Variable[] {
    const { shape, name } = w;
    const factors =
      w.rank < 2
        ? // Keras has them too.
          ['row', 'column'].map((factor) => scalar('int32', 0, `${name}_${factor}`))
        : [slot(w, 'row', 0, shape.slice(0, -1)), slot(w, 'column', 0, [...shape.slice(0, -2), shape.at(-1)!])];
    return [...factors, slot(w, 'velocity')];
  }

  protected moved(w: Variable, x: Tensor, dw: Tensor, rate: Tensor): Tensor {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold } = this.options;
    const [row, column, v] = this.slotsOf(w) as [Variable, Variable, Variable];
    const { step } = this;
    // Keras takes the least of the rate and 1 / sqrt(t) with and without relativeStep.
    const alpha = mul(maximum(rms(x), epsilon2), minimum(rate, div(constant(1), sqrt(step))));
    const beta = oneMinus(power(step, constant(beta2Decay)));
    const squares = add(square(dw), epsilon1);
    const average = (mean: Variable, new_: Tensor) => put(mean, add(mul(beta, mean), mul(oneMinus(beta), new_)));
    let mean: Tensor;
    if (w.rank < 2) mean = average(v, squares);
    else {
      const [r, c] = [average(row, meanOf(squares, -1)), average(column, meanOf(squares, -2))];
      const [, ...rest] = w.shape.toReversed();
      const tall = run(ops.reshape, [div(r, meanOf(r, -1, true))], [...rest.toReversed(), 1]);
      const wide = run(ops.reshape, [c], [...w.shape.slice(0, -2), 1, w.shape.at(-1)!]);
      mean = put(v, mul(tall, wide));
    }
    const u = div(dw, sqrt(mean));
    return sub(x, mul(alpha, div(u, maximum(div(rms(u), clipThreshold), 1))));
  }
}

interface MuonOptions {
  /** As Adam's beta1, for what is no matrix. Default: 0.9. */
  adamBeta1: number;
  /** As Adam's beta2, for what is no matrix. Default: 0.999. */
  adamBeta2: number;
  /** Weight decay of what is no matrix. Default: 0.004. */
  adamWeightDecay: number | null;
  /** As Adam's, for what is no matrix. Default: 1e-7. */
  epsilon: number;
  /** Matrices that Adam's rule moves: in whose name one of these regular expressions is found. Default: []. */
  excludeLayers: readonly string[];
  /** Whether Adam's rule moves matrices in whose name there is "embedding". Default: true. */
  excludeEmbeddings: boolean;
  /** Coefficients of the iteration that makes steps orthogonal. Default: 3.4445. */
  muonA: number;
  /** Default: -4.775. */
  muonB: number;
  /** Default: 2.0315. */
  muonC: number;
  /** The learning rate of Adam's rule, as a part of the learning rate. Default: 1. */
  adamLrRatio: number;
  /** How much of the sum of gradients is kept. Default: 0.95. */
  momentum: number;
  /** How many times the iteration is made. Default: 5. */
  nsSteps: number;
  /** Nesterov's form of momentum. Default: true. */
  nesterov: boolean;
  /** The root mean square of a step; null leaves steps orthogonal. Default: 0.2. */
  rmsRate: number | null;
}

export interface MuonArgs extends OptimizerArgs, Partial<MuonOptions> {}

const TEXTS: Rule = {
  ok: (x) => Array.isArray(x) && x.every((text) => typeof text === 'string'),
  expected: 'a list of texts',
};

const MUON: Stated<MuonOptions> = {
  adamBeta1: [FRACTION, 0.9],
  adamBeta2: [FRACTION, 0.999],
  adamWeightDecay: [orNull(FROM_ZERO), 0.004],
  epsilon: [FROM_ZERO, 1e-7],
  excludeLayers: [TEXTS, []],
  excludeEmbeddings: [FLAG, true],
  muonA: [FINITE, 3.4445],
  muonB: [FINITE, -4.775],
  muonC: [FINITE, 2.0315],
  adamLrRatio: [POSITIVE, 1],
  momentum: [FRACTION, 0.95],
  nsSteps: [wholeFrom(0), 5],
  nesterov: [FLAG, true],
  rmsRate: [orNull(POSITIVE), 0.2],
};

/**
 * Orthogonal steps for matrices, by Newton and Schulz's iteration on the sum of gradients; Adam's rule for all else.
 * Defaults: learning rate 0.001, weight decay 0.004.
 */
export class Muon extends Optimizer<MuonOptions> {
  static override className = 'Muon';

  constructor(args: MuonArgs = {}) {
    super(0.001, { weightDecay: 0.004, ...args }, MUON);
  }

  private isByAdam({ rank, name }: Variable): boolean {
    const { excludeLayers, excludeEmbeddings } = this.options;
    if (rank !== 2 || (excludeEmbeddings && name.toLowerCase().includes('embedding'))) return true;
    return excludeLayers.some((pattern) => new RegExp(pattern).test(name));
  }

  protected makeSlots(w: Variable): Variable[] {
    return (this.isByAdam(w) ? ['momentum', 'velocity'] : ['momentum']).map((name) => slot(w, name));
  }

  protected override decayOf(w: Variable): number | null | undefined {
    return this.isByAdam(w) ? this.options.adamWeightDecay : super.decayOf(w);
  }

  protected override moveGroup(entries: readonly Entry[], rate: Tensor, [decay, ...clipping]: CommonOptions): void {
    const isGlobal = clipping[1];
    const given = isGlobal ? clipped(entries, clipping) : entries;
    const rest: Clipping = isGlobal ? UNCLIPPED : clipping;
    const { adamLrRatio } = this.options;
    const byAdam = given.filter(([w]) => this.isByAdam(w));
    // Weight decay knows no other rate.
    if (byAdam.length > 0) super.moveGroup(byAdam, mul(rate, adamLrRatio), [decay / adamLrRatio, ...rest]);
    const matrices = given.filter(([w]) => !this.isByAdam(w));
    for (const [w, dw] of clipped(matrices, rest)) {
      runWriting(ops.sgd, [w, this.orthogonal(w, dw), rate], decay, ...UNCLIPPED);
    }
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { adamBeta1, adamBeta2, epsilon } = this.options;
    runWriting(ops.adam, [...operands, this.updates], adamBeta1, adamBeta2, epsilon, ...common);
  }

  /** The step of a matrix. */
  private orthogonal(w: Variable, dw: Tensor): Tensor {
    const { muonA, muonB, muonC, momentum, nsSteps, nesterov, rmsRate } = this.options;
    const m = this.slotsOf(w)[0]!;
    const sum = put(m, add(m, add(dw, mul(m, momentum - 1))));
    const [rows, columns] = w.shape as [number, number];
    const turned = (x: Tensor) => (rows > columns ? run(ops.transpose, [x], [1, 0]) : x);
    let x = turned(nesterov ? add(dw, mul(sum, momentum)) : sum);
    x = div(x, add(sqrt(sumAll(square(x))), 1e-7));
    for (let i = 0; i < nsSteps; i++) {
      const a = matMul(x, x, true);
      const b = add(mul(a, muonB), matMul(mul(a, muonC), a));
      x = add(mul(x, muonA), matMul(b, x));
    }
    const step = turned(x);
    return rmsRate === null ? step : mul(step, Math.sqrt(Math.max(rows, columns)) * rmsRate);
  }
}
