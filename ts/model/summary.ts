// The table of a model's layers, as Keras prints it.
import { WasmgradError, describe } from '../core/errors.js';
import type { BatchShape, Layer } from '../layers/layer.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { sizeOf } from '../tensor/dtypes.js';
import type { Variable } from '../tensor/variable.js';

/** What the table needs of a model. */
export interface Summarized {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly trainableWeights: readonly Variable[];
  readonly nonTrainableWeights: readonly Variable[];
  readonly outputShapes: readonly BatchShape[];
}

const HEADER = ['Layer (type)', 'Output Shape', 'Param #'] as const;
/** Where each column ends, as a part of the line. */
const ENDS = [0.45, 0.8, 1] as const;
/** What the frame and the spaces beside it take of each column. */
const FRAME = [3, 4, 3] as const;
/** Characters of a line: at least, without a terminal, and at most in one. */
const [LEAST, USUAL, MOST] = [20, 76, 88];

/**
 * The lines of the table.
 * @throws if `lineLength` leaves a column no room.
 */
export function summarize(model: Summarized, optimizer?: Optimizer, lineLength = defaultLength()): string[] {
  if (!Number.isInteger(lineLength) || lineLength < LEAST) {
    throw new WasmgradError(`summary: lineLength must be a whole number from ${LEAST} on, got ${describe(lineLength)}`);
  }
  const ends = ENDS.map((end) => Math.floor(end * lineLength));
  const inner = ends.map((end, i) => end - (ends[i - 1] ?? 0) - FRAME[i]!);
  const rule = (left: string, fill: string, middle: string, right: string) =>
    left + inner.map((width) => fill.repeat(width + 2)).join(middle) + right;

  const shapes = model.outputShapes.map((shape) => `(${shape.map((dim) => dim ?? 'None').join(', ')})`);
  const rows = model.layers.map((layer, i) => [
    `${layer.name} (${layer.getClassName()})`,
    shapes[i] ?? '?',
    layer.built ? layer.countParams().toLocaleString('en') : '0 (unbuilt)',
  ]);
  const count = (weights: readonly Variable[]) => weights.reduce((n, { shape }) => n + sizeOf(shape), 0);
  const line = (label: string, n: number) => ` ${label}: ${n.toLocaleString('en')} (${formatBytes(4 * n)})`;
  const state = optimizer?.built ? optimizer.variables : [];
  const [trainable, fixed, moving] = [model.trainableWeights, model.nonTrainableWeights, state].map(count);
  return [
    `Model: "${model.name}"`,
    rule('┏', '━', '┳', '┓'),
    ...row(HEADER, inner, '┃', 'bottom'),
    rule('┡', '━', '╇', '┩'),
    ...rows.flatMap((cells, i) => [...(i === 0 ? [] : [rule('├', '─', '┼', '┤')]), ...row(cells, inner, '│', 'top')]),
    rule('└', '─', '┴', '┘'),
    line('Total params', trainable! + fixed! + moving!),
    line('Trainable params', trainable!),
    line('Non-trainable params', fixed!),
    ...(state.length > 0 ? [line('Optimizer params', moving!)] : []),
  ];
}

function defaultLength(): number {
  const columns = (globalThis as { process?: { stdout?: { columns?: number } } }).process?.stdout?.columns;
  return columns === undefined ? USUAL : Math.max(LEAST, Math.min(MOST, columns - 4));
}

/** The lines of a row, as many as its highest cell has; the last column is aligned to the right. */
function row(cells: readonly string[], widths: readonly number[], bar: string, align: 'top' | 'bottom'): string[] {
  const wrapped = cells.map((cell, i) => wrap(cell, widths[i]!));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, y) => {
    const texts = wrapped.map((lines, i) => {
      const text = lines[align === 'top' ? y : y - height + lines.length] ?? '';
      return i === cells.length - 1 ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
    });
    return `${bar} ${texts.join(` ${bar} `)} ${bar}`;
  });
}

/** Lines broken between words; a word that fills more than a line loses its end. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word.length > width ? `${word.slice(0, width - 1)}…` : word);
  }
  return lines;
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${bytes.toFixed(2)} ${units[unit]}`;
}
