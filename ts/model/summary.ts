// The table of a model's layers, as Keras prints it.
import type { BatchShape, Layer } from '../layers/layer.js';
import { sizeOf } from '../tensor/dtypes.js';
import type { Variable } from '../tensor/variable.js';

/** What the table needs of a model. */
export interface Summarized {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly trainableWeights: readonly Variable[];
  readonly nonTrainableWeights: readonly Variable[];
  readonly inputBatchShape: BatchShape | undefined;
  /** The optimizer's state, if it has one. */
  readonly optimizerVariables: readonly Variable[];
}

const HEADER = ['Layer (type)', 'Output Shape', 'Param #'] as const;
/** Where each column ends, as a part of the line. */
const POSITIONS = [0.45, 0.8, 1] as const;
/** Characters of a line in a terminal of 80 columns, and at most. */
const [NARROW, WIDE] = [76, 88];

/** The lines of the table. */
export function summarize(model: Summarized, lineLength = defaultLength()): string[] {
  const widths = POSITIONS.map(
    (position, i) => Math.floor(position * lineLength) - Math.floor((POSITIONS[i - 1] ?? 0) * lineLength),
  );
  // The frame takes its share of the last columns, as the table printer that Keras uses does.
  const inner = fitColumns(widths, lineLength - 10);
  const rule = (left: string, fill: string, middle: string, right: string) =>
    left + inner.map((width) => fill.repeat(width + 2)).join(middle) + right;
  const row = (cells: readonly string[], bar: string) =>
    bar +
    cells
      .map(
        (cell, i) =>
          ` ${i === 2 ? cell.slice(0, inner[i]).padStart(inner[i]!) : cell.slice(0, inner[i]).padEnd(inner[i]!)} `,
      )
      .join(bar) +
    bar;

  const shapes = outputShapes(model);
  const rows = model.layers.map((layer, i) => [
    `${layer.name} (${layer.getClassName()})`,
    shapes[i] ?? '?',
    layer.built ? layer.countParams().toLocaleString('en') : '0 (unbuilt)',
  ]);
  const count = (weights: readonly Variable[]) => weights.reduce((n, { shape }) => n + sizeOf(shape), 0);
  const line = (label: string, n: number) => ` ${label}: ${n.toLocaleString('en')} (${formatBytes(4 * n)})`;
  const [trainable, fixed, optimizer] = [
    model.trainableWeights,
    model.nonTrainableWeights,
    model.optimizerVariables,
  ].map(count);
  return [
    `Model: "${model.name}"`,
    rule('┏', '━', '┳', '┓'),
    row(HEADER, '┃'),
    rule('┡', '━', '╇', '┩'),
    ...rows.flatMap((cells, i) => [...(i === 0 ? [] : [rule('├', '─', '┼', '┤')]), row(cells, '│')]),
    rule('└', '─', '┴', '┘'),
    line('Total params', trainable! + fixed! + optimizer!),
    line('Trainable params', trainable!),
    line('Non-trainable params', fixed!),
    ...(model.optimizerVariables.length > 0 ? [line('Optimizer params', optimizer!)] : []),
  ];
}

function defaultLength(): number {
  const columns = (globalThis as { process?: { stdout?: { columns?: number } } }).process?.stdout?.columns;
  return columns === undefined ? NARROW : Math.min(WIDE, columns - 4);
}

/** Widths shrunk in proportion so that they fill `total`. */
function fitColumns(widths: readonly number[], total: number): number[] {
  const sum = widths.reduce((a, b) => a + b, 0);
  const fitted = widths.map((width) => Math.floor((width * total) / sum));
  fitted[0]! += total - fitted.reduce((a, b) => a + b, 0);
  return fitted;
}

/** `(None, 10)` for each layer, as far as the shape of the inputs is known. */
function outputShapes({ layers, inputBatchShape }: Summarized): string[] {
  if (inputBatchShape === undefined) return [];
  let shape = inputBatchShape;
  return layers.map((layer) => {
    shape = layer.computeOutputShape(shape);
    return `(${shape.map((dim) => dim ?? 'None').join(', ')})`;
  });
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${bytes.toFixed(2)} ${units[unit]}`;
}
