// Charts in letters.
import type { Axis, Chart, Curve } from './chart.js';

/** The lines of a chart: training as a line, validation as points; where they meet the line covers the point. */
export function drawLines({ curves, x, y }: Chart, width: number, height: number): string[] {
  const margin = Math.max(...y.ticks.map(({ text }) => text.length));
  const columns = Math.max(width - margin - 2, 2);
  const cells = Array.from({ length: height }, () => Array<string>(columns).fill(' '));
  const row = (value: number) => Math.round(((y.high - value) / (y.high - y.low)) * (height - 1));
  for (const curve of [...curves].sort((a, b) => Number(b.isValidation) - Number(a.isValidation))) {
    draw(cells, curve, resample(curve, x, columns).map(row));
  }
  const labels = new Map(y.ticks.map(({ at, text }) => [row(at), text]));
  const legend = curves.map(
    ({ name, values, isValidation }) => `${isValidation ? '•' : '─'} ${name} ${short(values.at(-1)!)}`,
  );
  return [
    `${' '.repeat(margin + 2)}${legend.join('   ')}`,
    ...cells.map(
      (line, i) => `${(labels.get(i) ?? '').padStart(margin)} ${labels.has(i) ? '┤' : '│'}${line.join('').trimEnd()}`,
    ),
    ...axisLines(x, columns).map((line, i) => `${' '.repeat(margin + 1)}${i === 0 ? '└' : ' '}${line}`.trimEnd()),
  ];
}

/** A curve's values in each column, read between its own; NaN where it has none. */
function resample({ values, epochs }: Curve, { low, high }: Axis, columns: number): number[] {
  return Array.from({ length: low === high ? 1 : columns }, (_, column) => {
    const epoch = low + (column / (columns - 1)) * (high - low);
    const next = epochs.findIndex((one) => one >= epoch);
    if (epochs[next] === epoch) return values[next]!;
    if (next < 1) return NaN;
    const part = (epoch - epochs[next - 1]!) / (epochs[next]! - epochs[next - 1]!);
    return values[next - 1]! * (1 - part) + values[next]! * part;
  });
}

function draw(cells: string[][], { isValidation }: Curve, rows: readonly number[]): void {
  rows.forEach((row, column) => {
    if (!Number.isFinite(row)) return;
    const put = (at: number, letter: string) => (cells[at]![column] = letter);
    if (isValidation) return void put(row, '•');
    const next = rows[column + 1];
    if (next === undefined || !Number.isFinite(next) || next === row) return void put(row, '─');
    const falls = next > row;
    for (let at = Math.min(row, next) + 1; at < Math.max(row, next); at++) put(at, '│');
    put(row, falls ? '╮' : '╯');
    put(next, falls ? '╰' : '╭');
  });
}

/** The line below the cells, and the numbers of epochs. */
function axisLines({ low, high, ticks }: Axis, columns: number): string[] {
  const line = Array<string>(columns).fill('─');
  let texts = '';
  for (const { at, text } of ticks) {
    const column = low === high ? 0 : Math.round(((at - low) / (high - low)) * (columns - 1));
    const start = Math.max(Math.min(column - Math.floor(text.length / 2), columns - text.length), 0);
    line[column] = '┬';
    if (texts === '' || start > texts.length) texts = texts.padEnd(start) + text;
  }
  return [line.join(''), texts, `${' '.repeat(Math.max(Math.floor(columns / 2) - 3, 0))}epoch`];
}

/** Four digits are enough to compare runs by. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
