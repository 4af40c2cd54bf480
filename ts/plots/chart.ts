// What a picture of a training run shows: a chart for each metric, with its axes.

export interface Curve {
  readonly name: string;
  /** What is not finite leaves a gap. */
  readonly values: readonly number[];
  /** The epoch of each value, from 1 on. */
  readonly epochs: readonly number[];
  /** Whether it is of the validation data. */
  readonly isValidation: boolean;
}

export interface Axis {
  readonly low: number;
  readonly high: number;
  /** Round numbers from `low` to `high`, with their texts. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

export interface Chart {
  readonly name: string;
  readonly curves: readonly Curve[];
  /** Epochs. */
  readonly x: Axis;
  readonly y: Axis;
}

const VALIDATION = 'val_';

/**
 * The charts of a record, the loss first: a metric and what it was on the validation data share one.
 * @param measuredAt the epochs of the values of each metric, from 0 on
 * @param ticks about how many an axis has
 */
export function chartsOf(
  history: Readonly<Record<string, readonly number[]>>,
  measuredAt: Readonly<Record<string, readonly number[]>>,
  ticks: { x: number; y: number },
): Chart[] {
  const curves = Object.entries(history).map(([name, values]): Curve & { metric: string } => {
    const isValidation = name.startsWith(VALIDATION);
    // Who adds a list of his own has a value for each epoch.
    const epochs = (measuredAt[name] ?? [...values.keys()]).map((epoch) => epoch + 1);
    return { name, values, epochs, isValidation, metric: isValidation ? name.slice(VALIDATION.length) : name };
  });
  const names = [...new Set(['loss', ...curves.map(({ metric }) => metric)])];
  const all = curves.flatMap(({ epochs }) => epochs);
  const x = exact(Math.min(...all), Math.max(...all), ticks.x);
  return names.flatMap((name) => {
    const own = curves.filter(({ metric }) => metric === name);
    const values = own.flatMap(({ values }) => values.filter(Number.isFinite));
    return values.length === 0
      ? []
      : [{ name, curves: own, x, y: rounded(Math.min(...values), Math.max(...values), ticks.y) }];
  });
}

/** An axis whose ends are round numbers. */
function rounded(low: number, high: number, count: number): Axis {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isFlat = high - low <= ROUNDING * Math.max(size, TINY);
  const room = isFlat ? (size < TINY ? 1 : size / 2) : 0;
  const step = stepOf(low - room, high + room, count);
  return axis(Math.floor((low - room) / step) * step, Math.ceil((high + room) / step) * step, step);
}

/** Values that differ by less are one, relative to their size, and below TINY they are 0: of float32 it is rounding. */
const [ROUNDING, TINY] = [1e-6, 1e-30];

/** An axis of whole numbers that ends where they do. */
function exact(low: number, high: number, count: number): Axis {
  return axis(low, high, Math.max(stepOf(low, high, count), 1));
}

function axis(low: number, high: number, step: number): Axis {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const [ofStep, ofSize] = [step, Math.max(Math.abs(low), Math.abs(high))].map((x) =>
    Math.floor(Math.log10(x) + 1e-9),
  ) as [number, number];
  const isShort = ofStep >= -5 && ofSize < 6;
  const text = (at: number) => (isShort ? at.toFixed(Math.max(-ofStep, 0)) : at.toExponential(ofSize - ofStep));
  const ticks = Array.from({ length: count }, (_, i) => (first + i) * step).map((at) => ({ at, text: text(at) }));
  return { low, high, ticks };
}

/** 1, 2 or 5 times a power of ten, so that there are at most `count` steps. */
function stepOf(low: number, high: number, count: number): number {
  const least = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9))!;
}
