// Samples in two parts, to train with and to test with: scikit-learn's train_test_split, draw for draw.
import { describe, WasmgradError } from '../core/errors.js';
import { checkOptions, FLAG, SEED, type Rule, type Rules } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { isTypedArray, type TypedArray } from '../tensor/dtypes.js';
import { setSeed } from '../random.js';
import { restoreRandomState, saveRandomState } from '../tensor/randomState.js';
import { create, run } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { createShuffledIndices } from '../util.js';

/** Something with one row a sample. */
export type Rows = Tensor | TypedArray | readonly unknown[];

/** A part of the rows, of the same kind. */
export type Part<R> = R extends readonly (infer T)[] ? T[] : R;

export interface SplitArgs {
  /** The part to test with: a fraction below 1, or a number of samples. Default: what is not trained with, or 0.25. */
  testSize?: number;
  /** The part to train with. Default: the rest. */
  trainSize?: number;
  /** Whether samples are drawn at random; else the last ones are tested with. Default: true. */
  shuffle?: boolean;
  /** Begins the draws. Default: they go on from `setSeed`. */
  seed?: number;
  /** The class of each sample: each part gets its share of every class. */
  stratify?: Rows;
}

const SIZE: Rule = {
  ok: (x) => typeof x === 'number' && x > 0 && (x < 1 || Number.isInteger(x)),
  expected: 'a fraction between 0 and 1, or a number of samples',
};

const RULES: Rules<SplitArgs> = {
  testSize: SIZE,
  trainSize: SIZE,
  shuffle: FLAG,
  seed: SEED,
  stratify: { ok: isRows, expected: 'the class of each sample' },
};

function isRows(x: unknown): x is Rows {
  return isTensor(x) || isTypedArray(x) || Array.isArray(x);
}

/**
 * Parts of whatever has one row a sample, in the same order: `[xTrain, xTest, yTrain, yTest]`. Of tensors new tensors, of
 * lists lists. With a seed the samples are those of scikit-learn's `train_test_split(random_state=seed)`.
 * @throws if the lengths differ, or a part would be empty
 */
export function trainTestSplit<A extends Rows>(a: A, args?: SplitArgs): [Part<A>, Part<A>];
export function trainTestSplit<A extends Rows, B extends Rows>(
  a: A,
  b: B,
  args?: SplitArgs,
): [Part<A>, Part<A>, Part<B>, Part<B>];
export function trainTestSplit<A extends Rows, B extends Rows, C extends Rows>(
  a: A,
  b: B,
  c: C,
  args?: SplitArgs,
): [Part<A>, Part<A>, Part<B>, Part<B>, Part<C>, Part<C>];
export function trainTestSplit(...given: unknown[]): unknown[] {
  const last = given.at(-1);
  const args = isRows(last) ? {} : (last as SplitArgs | undefined);
  const lists = isRows(last) ? given : given.slice(0, -1);
  checkOptions(PLACE, args ?? {}, RULES);
  const wrong = lists.findIndex((list) => !isRows(list));
  if (lists.length === 0 || wrong >= 0) {
    throw new WasmgradError(`${PLACE}: expected tensors or lists of samples, got ${describe(lists[wrong])}`);
  }
  const rows = lists as Rows[];
  const n = lengthOf(rows[0]!);
  const { stratify } = args ?? {};
  const other = [...rows, ...(stratify ? [stratify] : [])].find((list) => lengthOf(list) !== n);
  if (other !== undefined) {
    throw new WasmgradError(
      `${PLACE}: there are ${n} samples in the first and ${lengthOf(other)} in another of the lists`,
    );
  }
  const parts = draw(n, args ?? {});
  return rows.flatMap((list) => parts.map((part) => take(list, part)));
}

const PLACE = 'trainTestSplit';

const lengthOf = (rows: Rows) => (isTensor(rows) ? (rows.shape[0] ?? 0) : rows.length);

/** The rows at the places. */
function take(rows: Rows, places: readonly number[]): Rows {
  if (!isTensor(rows)) {
    if (!isTypedArray(rows)) return places.map((i) => rows[i]);
    return (rows.constructor as Float32ArrayConstructor).from(places, (i) => rows[i]!);
  }
  return inScope(PLACE, () => {
    const indices = create([places.length], 'int32', (view) => view.set(places));
    return run(ops.gather, [rows, indices], 0, 0);
  });
}

/** Which rows to train with, and which to test with. */
function draw(n: number, { testSize, trainSize, shuffle = true, seed, stratify }: SplitArgs): [number[], number[]] {
  const asked = (size: number, round: (x: number) => number) => (size < 1 ? round(size * n) : size);
  const given = trainSize === undefined ? undefined : asked(trainSize, Math.floor);
  const test = testSize === undefined && given !== undefined ? n - given : asked(testSize ?? 0.25, Math.ceil);
  const train = given ?? n - test;
  if (train < 1 || test < 1 || train + test > n) {
    throw new WasmgradError(
      `${PLACE}: ${n} samples do not make ${train} to train and ${test} to test with; change testSize`,
    );
  }
  if (!shuffle) {
    if (stratify !== undefined)
      throw new WasmgradError(`${PLACE}: classes are shared out at random; leave shuffle true`);
    const order = Array.from({ length: train + test }, (_, i) => i);
    return [order.slice(0, train), order.slice(train)];
  }
  const before = seed === undefined ? undefined : saveRandomState();
  try {
    if (seed !== undefined) setSeed(seed);
    if (stratify !== undefined) return stratified(classesIn(stratify), train, test);
    const order = permutation(n);
    return [order.slice(test, test + train), order.slice(0, test)];
  } finally {
    if (before !== undefined) restoreRandomState(before);
  }
}

const permutation = (n: number) => Array.from(createShuffledIndices(n));
const shuffled = <T>(list: readonly T[]) => permutation(list.length).map((i) => list[i]!);

/** The rows of each class, the classes in ascending order. */
function classesIn(stratify: Rows): number[][] {
  const labels: ArrayLike<unknown> = isTensor(stratify) ? stratify.dataSync() : stratify;
  const rows = new Map<unknown, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (typeof label === 'object') {
      throw new WasmgradError(
        `${PLACE}: stratify must be one class for each sample, got ${describe(label)}; of one-hot rows give argMax(-1)`,
      );
    }
    if (!rows.has(label)) rows.set(label, []);
    rows.get(label)!.push(i);
  }
  if (isTensor(stratify) && stratify.size !== stratify.shape[0]) {
    throw new WasmgradError(
      `${PLACE}: stratify must be one class for each sample, got shape [${stratify.shape}]; of one-hot rows give argMax(-1)`,
    );
  }
  const alone = [...rows].find(([, { length }]) => length < 2);
  if (alone !== undefined) {
    throw new WasmgradError(
      `${PLACE}: class ${describe(alone[0])} has one sample, which cannot be in both parts; take it out`,
    );
  }
  return [...rows].sort(([a], [b]) => ((a as number) < (b as number) ? -1 : 1)).map(([, list]) => list);
}

function stratified(classes: readonly number[][], train: number, test: number): [number[], number[]] {
  if (Math.min(train, test) < classes.length) {
    throw new WasmgradError(
      `${PLACE}: ${classes.length} classes do not fit into parts of ${train} and ${test} samples; make both larger`,
    );
  }
  const counts = classes.map(({ length }) => length);
  const ofTrain = share(counts, train);
  const ofTest = share(
    counts.map((count, i) => count - ofTrain[i]!),
    test,
  );
  const orders = classes.map(shuffled);
  const trained = orders.flatMap((order, i) => order.slice(0, ofTrain[i]));
  const tested = orders.flatMap((order, i) => order.slice(ofTrain[i], ofTrain[i]! + ofTest[i]!));
  return [shuffled(trained), shuffled(tested)];
}

/** `n` draws shared out in the ratio of the counts; what rounding leaves goes to the largest remainders, equal ones at random. */
function share(counts: readonly number[], n: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (count / total) * n);
  const shares = exact.map(Math.floor);
  const remainders = exact.map((one, i) => one - shares[i]!);
  let left = n - shares.reduce((sum, one) => sum + one, 0);
  for (const value of [...new Set(remainders)].sort((a, b) => b - a)) {
    if (left === 0) break;
    const places = [...remainders.keys()].filter((i) => remainders[i] === value);
    const now = Math.min(places.length, left);
    for (const i of shuffled(places).slice(0, now)) shares[i]!++;
    left -= now;
  }
  return shares;
}
