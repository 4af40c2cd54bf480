// tfjs's `math`: what a classifier took for what.
import { WasmgradError } from './core/errors.js';
import { checkValue, required, wholeFrom } from './core/options.js';
import * as ops from './ops.gen.js';
import { run, toTensor, type TensorLike } from './tensor/run.js';
import { inScope } from './tensor/scopes.js';
import type { Tensor2D } from './tensor/tensor.js';
import { toInt } from './tensor/words.js';
import { classNumbers } from './utils.js';

/**
 * How many samples of each class were taken for each: int32 (numClasses, numClasses), one row for each true class.
 * @param labels class numbers (n)
 * @param predictions class numbers (n): of a model's outputs `argMax(-1)`
 * @throws if the lengths differ, or a number is none of the classes
 */
export function confusionMatrix(labels: TensorLike, predictions: TensorLike, numClasses: number): Tensor2D {
  const place = 'math.confusionMatrix';
  checkValue(place, 'numClasses', numClasses, required(wholeFrom(1)));
  return inScope(place, () => {
    const [truth, guess] = [toTensor(place, labels), toTensor(place, predictions)];
    if (truth.rank !== 1 || String(truth.shape) !== String(guess.shape)) {
      throw new WasmgradError(
        `${place}: expected labels and predictions of one shape [n], got [${truth.shape}] and [${guess.shape}]; ` +
          'of one-hot rows or probabilities give argMax(-1)',
      );
    }
    const rows = Object.entries({ labels: truth, predictions: guess }).map(([name, x]) =>
      run(ops.oneHot, [classNumbers(place, name, x, numClasses)[0]], numClasses, 1, 0, 'float32'),
    );
    return toInt(run(ops.matMul, rows, true, false)) as Tensor2D;
  });
}

/**
 * Prints a confusion matrix as a table: a row for each true class, a column for each that was predicted.
 * @param names of the classes. Default: their numbers.
 * @throws if it is not square, or there is not one name for each class
 */
export function printConfusionMatrix(
  matrix: TensorLike,
  names?: readonly string[],
  printFn: (line: string) => void = console.log,
): void {
  const place = 'math.printConfusionMatrix';
  const { shape, values } = inScope(place, () => {
    const tensor = toTensor(place, matrix);
    return { shape: tensor.shape, values: Array.from(tensor.dataSync(), String) };
  });
  const [n, width] = shape;
  const labels = names ?? Array.from({ length: n ?? 0 }, (_, i) => String(i));
  if (shape.length !== 2 || n !== width || labels.length !== n) {
    throw new WasmgradError(
      `${place}: expected a matrix of [classes, classes] and a name for each class, got shape [${shape}] and ${labels.length} names`,
    );
  }
  const first = ['true', ...labels];
  const rows = labels.map((_, i) => values.slice(i * n, (i + 1) * n));
  const columns = labels.map((label, j) => [label, ...rows.map((row) => row[j]!)]);
  const widths = [first, ...columns].map((column) => Math.max(...column.map(({ length }) => length)));
  const line = (i: number) =>
    [first[i]!.padEnd(widths[0]!), ...columns.map((column, j) => column[i]!.padStart(widths[j + 1]!))].join('  ');
  printFn(`${' '.repeat(widths[0]!)}  predicted`);
  for (let i = 0; i <= n; i++) printFn(line(i).trimEnd());
}
