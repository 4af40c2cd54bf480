// How tensors print: as NumPy arrays do.
import { sizeOf, type DataType, type Shape } from './dtypes.js';

/** More elements than this are shortened with `...`. */
const THRESHOLD = 1000;
/** How many entries at each end of a shortened dimension are shown. */
const EDGE = 3;
const PRECISION = 8;
const LINE = 75;

/** The values of a tensor in NumPy's layout: `[[1., 2.], [3., 4.]]` over several lines. */
export function format(values: ArrayLike<number>, shape: Shape, dtype: DataType): string {
  const shorten = sizeOf(shape) > THRESHOLD;
  const shown = (dim: number): (number | null)[] =>
    shorten && dim > 2 * EDGE
      ? [...Array(EDGE).keys(), null, ...Array.from({ length: EDGE }, (_, i) => dim - EDGE + i)]
      : [...Array(dim).keys()];

  const visible: number[] = [];
  const visit = (depth: number, at: number): void => {
    if (depth === shape.length) return void visible.push(values[at]!);
    for (const i of shown(shape[depth]!)) if (i !== null) visit(depth + 1, at * shape[depth]! + i);
  };
  visit(0, 0);
  const element = elementFormat(visible, dtype);

  const build = (depth: number, at: number, indent: number): string => {
    if (depth === shape.length) return element(values[at]!);
    const parts = shown(shape[depth]!).map((i) =>
      i === null ? '...' : build(depth + 1, at * shape[depth]! + i, indent + 1),
    );
    if (depth === shape.length - 1) return `[${wrap(parts, indent + 1)}]`;
    const gap = '\n'.repeat(shape.length - 1 - depth) + ' '.repeat(indent + 1);
    return `[${parts.join(gap)}]`;
  };
  return build(0, 0, 0);
}

/** Parts of a row, broken into lines of at most `LINE` characters. */
function wrap(parts: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && indent + line.length + 1 + part.length >= LINE) {
      lines.push(line);
      line = part;
    } else {
      line = line === '' ? part : `${line} ${part}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

function elementFormat(values: readonly number[], dtype: DataType): (x: number) => string {
  if (dtype === 'bool') return pad(values, (x) => (x === 0 ? 'False' : 'True'));
  if (dtype === 'int32') return pad(values, String);
  const finite = values
    .filter(Number.isFinite)
    .map(Math.abs)
    .filter((x) => x > 0);
  const [largest, smallest] = [Math.max(...finite, 0), Math.min(...finite)];
  if (finite.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3)) {
    return pad(values, scientific(finite));
  }
  // As many decimals as the value that needs most of them, each trimmed to what a float32 says.
  const decimals = Math.max(0, ...values.filter(Number.isFinite).map((x) => (shortest(x).split('.')[1] ?? '').length));
  return pad(values, (x) => {
    if (!Number.isFinite(x)) return special(x);
    const text = x.toFixed(Math.min(decimals, PRECISION));
    return decimals === 0 ? `${text}.` : text.replace(/0+$/, (zeros) => ' '.repeat(zeros.length));
  });
}

function scientific(finite: readonly number[]): (x: number) => string {
  const digits = Math.max(...finite.map((x) => (mantissa(x).split('.')[1] ?? '').length));
  return (x) => {
    if (!Number.isFinite(x)) return special(x);
    const [m, e] = x.toExponential(digits).split('e') as [string, string];
    return `${digits === 0 ? `${m}.` : m}e${e[0]}${e.slice(1).padStart(2, '0')}`;
  };
}

/** The mantissa of the shortest text that gives the same float32, at most 8 decimals. */
function mantissa(x: number): string {
  for (let digits = 0; digits < PRECISION; digits++) {
    if (Math.fround(Number(x.toExponential(digits))) === x) return x.toExponential(digits).split('e')[0]!;
  }
  return x.toExponential(PRECISION).split('e')[0]!;
}

/** The shortest decimal that gives the same float32, at most 8 decimals. */
function shortest(x: number): string {
  for (let decimals = 0; decimals < PRECISION; decimals++) {
    if (Math.fround(Number(x.toFixed(decimals))) === x) return x.toFixed(decimals);
  }
  return x.toFixed(PRECISION).replace(/0+$/, '');
}

function special(x: number): string {
  return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
}

function pad(values: readonly number[], text: (x: number) => string): (x: number) => string {
  const width = Math.max(0, ...values.map((x) => text(x).length));
  return (x) => text(x).padStart(width);
}
