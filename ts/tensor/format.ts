// How tensors print: as NumPy's `print(array)`.
import { sizeOf, type DataType, type Shape } from './dtypes.js';

/** More elements than this are shortened with `...`. */
const THRESHOLD = 1000;
/** How many entries at each end of a shortened dimension are shown. */
const EDGE = 3;
/** Decimals that a row of numbers has at most. */
const PRECISION = 8;
const LINE = 75;
/** From here on numbers have an exponent: a float32 has 6 decimal digits for certain. */
const LARGE = 1e6;

/** The values of a tensor in NumPy's layout: `[[1. 2.]` above ` [3. 4.]]`. */
export function format(values: ArrayLike<number>, shape: Shape, dtype: DataType): string {
  if (shape.length === 0) return dtype === 'float32' ? scalar(values[0]!) : integer(dtype)(values[0]!).trim();
  if (sizeOf(shape) === 0) return '[]';
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
  const element = dtype === 'float32' ? float(visible) : padded(visible, integer(dtype));

  const build = (depth: number, at: number): string => {
    if (depth === shape.length) return element(values[at]!);
    const parts = shown(shape[depth]!).map((i) => (i === null ? '...' : build(depth + 1, at * shape[depth]! + i)));
    if (depth === shape.length - 1) return `[${wrapped(parts, depth)}]`;
    const gap = '\n'.repeat(shape.length - 1 - depth) + ' '.repeat(depth + 1);
    return `[${parts.join(gap)}]`;
  };
  return build(0, 0);
}

/** The parts of a row, in lines that leave room for the brackets that may close at their end. */
function wrapped(parts: readonly string[], depth: number): string {
  const indent = depth + 1;
  const room = LINE - depth - 1;
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && indent + line.length + 1 + part.length > room) {
      lines.push(line);
      line = part;
    } else {
      line = line === '' ? part : `${line} ${part}`;
    }
  }
  return [...lines.map((one) => one.trimEnd()), line].join(`\n${' '.repeat(indent)}`);
}

function padded(values: readonly number[], text: (x: number) => string): (x: number) => string {
  const width = Math.max(...values.map((x) => text(x).length));
  return (x) => text(x).padStart(width);
}

function integer(dtype: DataType): (x: number) => string {
  return dtype === 'bool' ? (x) => (x === 0 ? 'False' : ' True') : String;
}

/** How the floats among which `values` are the visible ones print: in one column, with one kind of notation. */
function float(values: readonly number[]): (x: number) => string {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.filter((x) => x !== 0).map(Math.abs);
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)];
  // Compared as float32, the bound being one too.
  const isWide =
    sizes.length > 0 && (largest >= LARGE || smallest < Math.fround(1e-4) || Math.fround(largest / smallest) > 1e3);
  const text = isWide ? scientific(finite) : aligned(finite);
  return padded(values, (x) => (Number.isFinite(x) ? text(x) : special(x)));
}

/** `1.  `, `0.25`: points below one another. */
function aligned(finite: readonly number[]): (x: number) => string {
  const fraction = (x: number) => positional(x).split('.')[1]!.length;
  const decimals = Math.max(0, ...finite.map(fraction));
  return (x) => positional(x) + ' '.repeat(decimals - fraction(x));
}

/** `1.50e+02`: as many decimals as the number that needs most. */
function scientific(finite: readonly number[]): (x: number) => string {
  const decimals = Math.max(...finite.map((x) => shortest(x).digits.length - 1));
  const exponents = Math.max(...finite.map((x) => powerOf(shortest(x)).length));
  return (x) => {
    const number = rounded(x, decimals);
    const power = powerOf(number);
    return `${signOf(x)}${number.digits[0]}.${number.digits.slice(1)}e${power[0]}${power.slice(1).padStart(exponents - 1, '0')}`;
  };
}

/** A number that stands alone has all of its digits. */
function scalar(x: number): string {
  if (!Number.isFinite(x)) return special(x);
  const number = shortest(x);
  if (x === 0 || (Math.abs(x) >= 1e-4 && Math.abs(x) < LARGE)) return signOf(x) + pointed(number).replace(/\.$/, '.0');
  const [first, ...rest] = number.digits;
  return `${signOf(x)}${first}${rest.length > 0 ? '.' : ''}${rest.join('')}e${powerOf(number)}`;
}

/** At most 8 decimals, without zeros at the end: `1.`, `0.25`. */
function positional(x: number): string {
  const number = shortest(x);
  const decimals = number.exponent + PRECISION;
  if (number.digits.length - 1 <= decimals) return signOf(x) + pointed(number);
  return signOf(x) + pointed(rounded(x, decimals)).replace(/0+$/, '');
}

/** Decimal digits, of which the first stands before the point, times ten to the power of `exponent`. */
interface Decimal {
  digits: string;
  exponent: number;
}

function decimal(text: string): Decimal {
  const [mantissa, exponent] = text.split('e') as [string, string];
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

/** (125, 0) is `1.25`. */
function pointed({ digits, exponent }: Decimal): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = exponent + 1;
  return `${digits.slice(0, whole).padEnd(whole, '0')}.${digits.slice(whole)}`;
}

/** An exponent as it is printed: `+02`. */
function powerOf({ exponent }: Decimal): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The fewest digits that give the same float32 but for its sign. */
function shortest(x: number): Decimal {
  const size = Math.abs(x);
  // The floats above a power of two lie further apart than those below: it may be the digits above that are few.
  const candidates = [size, size * (1 + 2 ** -24)];
  for (let decimals = 0; ; decimals++) {
    const texts = candidates.map((one) => one.toExponential(decimals));
    const text = texts.find((one) => Math.fround(Number(one)) === size);
    if (text !== undefined) return text === texts[0] ? rounded(x, decimals) : decimal(text);
  }
}

/** The nearest number of that many decimals, but for its sign; halves go to the even digit, not up as in JavaScript. */
function rounded(x: number, decimals: number): Decimal {
  const size = Math.abs(x);
  // eslint-disable-next-line oxc/number-arg-out-of-range -- it may be up to 100 since ES2018
  const exact = decimal(size.toExponential(60));
  const [kept, rest] = [exact.digits.slice(0, decimals + 1), exact.digits.slice(decimals + 1)];
  const isHalf = /^50*$/.test(rest) && Number(kept.at(-1)) % 2 === 0;
  return isHalf ? { digits: kept, exponent: exact.exponent } : decimal(size.toExponential(decimals));
}

function signOf(x: number): string {
  return x < 0 || Object.is(x, -0) ? '-' : '';
}

function special(x: number): string {
  return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
}
