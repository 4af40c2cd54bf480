// What TensorBoard reads: records with checksums (TFRecord), each an `Event` in protocol buffers; all little-endian.

/** The remainders of all bytes, for CRC-32C (Castagnoli). */
let remainders: Uint32Array | undefined;

function crc32c(bytes: readonly number[]): number {
  remainders ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let i = 0; i < 8; i++) rest = (rest >>> 1) ^ (rest & 1 ? 0x82f63b78 : 0);
    return rest;
  });
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ remainders[(crc ^ byte) & 255]!;
  return ~crc >>> 0;
}

/** A checksum as records hold it: a sum over bytes that hold sums would be a weak one. */
function masked(bytes: readonly number[]): number {
  const crc = crc32c(bytes);
  return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
}

const words = (...xs: number[]): number[] => [...new Uint8Array(Uint32Array.from(xs).buffer)];

/** Length (8 bytes) and its checksum, data and their checksum. */
function record(data: number[]): number[] {
  const length = words(data.length, 0);
  return [...length, ...words(masked(length)), ...data, ...words(masked(data))];
}

/** A field of a message, or nothing where it has the value that readers take for a missing one. */
type Field = number[];

function varint(x: number): number[] {
  const bytes: number[] = [];
  for (; x > 127; x = Math.floor(x / 128)) bytes.push((x % 128) + 128);
  return [...bytes, x];
}

const key = (field: number, wireType: number) => varint(8 * field + wireType);
const doubles = (xs: readonly number[]): number[] => [...new Uint8Array(Float64Array.from(xs).buffer)];
const whole = (field: number, x: number): Field => (x === 0 ? [] : [...key(field, 0), ...varint(x)]);
const double = (field: number, x: number): Field => (x === 0 ? [] : [...key(field, 1), ...doubles([x])]);
const float = (field: number, x: number): Field => [...key(field, 5), ...new Uint8Array(Float32Array.of(x).buffer)];
const bytes = (field: number, content: Iterable<number>): Field => {
  const all = [...content];
  return [...key(field, 2), ...varint(all.length), ...all];
};
const text = (field: number, content: string): Field => bytes(field, new TextEncoder().encode(content));

/** `seconds` since 1970, then what happened. */
const event = (seconds: number, step: number, what: Field) =>
  record([...double(1, seconds), ...whole(2, step), ...what]);

/** What every file begins with. */
export const header = (seconds: number): number[] => event(seconds, 0, text(3, 'brain.Event:2'));

/** A number at a step. */
export const scalar = (seconds: number, step: number, tag: string, x: number): number[] =>
  event(seconds, step, bytes(5, bytes(1, [...text(1, tag), ...float(2, x)])));

/** How many buckets a histogram has. */
const BUCKETS = 30;

/** How numbers are distributed at a step. */
export function histogram(seconds: number, step: number, tag: string, xs: ArrayLike<number>): number[] {
  let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!;
    [min, max, sum, squares] = [Math.min(min, x), Math.max(max, x), sum + x, squares + x * x];
  }
  const width = (max - min) / BUCKETS;
  const counts = new Array<number>(BUCKETS).fill(0);
  for (let i = 0; i < xs.length; i++) {
    const bucket = width > 0 ? Math.floor((xs[i]! - min) / width) : 0;
    counts[Math.min(bucket, BUCKETS - 1)]!++;
  }
  const limits = counts.map((_, i) => (i === BUCKETS - 1 ? max : min + (i + 1) * width));
  const proto = [
    ...[min, max, xs.length, sum, squares].flatMap((x, i) => double(i + 1, x)),
    ...bytes(6, doubles(limits)),
    ...bytes(7, doubles(counts)),
  ];
  return event(seconds, step, bytes(5, bytes(1, [...text(1, tag), ...bytes(5, proto)])));
}
