// The safetensors format: a length, a JSON header, then the tensors' bytes. Little-endian, row-major.
// https://github.com/huggingface/safetensors
import { WasmgradError } from '../core/errors.js';
import { sizeOf, type DataType, type DataTypeMap, type Shape } from '../tensor/dtypes.js';

/** A tensor's values outside of the heap. */
export interface Stored {
  dtype: DataType;
  shape: Shape;
  values: DataTypeMap[DataType];
}

export interface SafeTensors {
  tensors: Map<string, Stored>;
  metadata: Record<string, string>;
}

const NAMES: Record<DataType, string> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };
const DTYPES = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as DataType]));
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
/** `{`, with which a header begins. */
const OPENING = 0x7b;
/** The format's own limit for the header. */
const MAX_HEADER = 100_000_000;

/** The file's bytes: tensors by dtype, wide ones first, then by name, as the reference writer orders them. */
export function encodeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  const order = [...tensors].sort(
    ([a, { dtype: x }], [b, { dtype: y }]) =>
      Number(x === 'bool') - Number(y === 'bool') || rank(y) - rank(x) || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { dtype, shape, values }] of order) {
    header[name] = { dtype: NAMES[dtype], shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, so that the data begin at a multiple of 8.
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const [, { values }] of order) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

const rank = (dtype: DataType) => ['bool', 'int32', 'float32'].indexOf(dtype);

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * The tensors of a file.
 * @throws if it is truncated, not a safetensors file, or holds a dtype that wasmgrad has not.
 */
export function decodeSafeTensors(place: string, file: Uint8Array): SafeTensors {
  // A Node Buffer's slice would not copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const fail = (reason: string): never => {
    throw new WasmgradError(`${place}: ${reason}`);
  };
  if (bytes.length < 8) fail(`the file is truncated or not a model: ${bytes.length} bytes, at least 8 expected`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || (bytes[8] ?? OPENING) !== OPENING)
    fail('not a safetensors file; a model saved by model.save() is one');
  if (8 + length > bytes.length)
    fail(`the file is truncated: the header ends at byte ${8 + length}, the file at ${bytes.length}`);
  const header = asObject(parseJson(decodeText(bytes.subarray(8, 8 + length))));
  if (header === undefined) fail('the header of the file is damaged: it is not JSON');
  const { __metadata__: metadata = {}, ...entries } = header!;
  const texts = asObject(metadata);
  if (texts === undefined || Object.values(texts).some((text) => typeof text !== 'string')) {
    fail('the header of the file is damaged: its metadata are not texts');
  }

  const tensors = new Map<string, Stored>();
  const data = bytes.subarray(8 + length);
  let covered = 0;
  const sorted = Object.entries(entries)
    .map(([name, entry]) => readEntry(entry) ?? fail(`the header of the file is damaged at tensor "${name}"`))
    .map((entry, i) => [Object.keys(entries)[i]!, entry] as const)
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [name, { dtype: dtypeName, shape, data_offsets: offsets }] of sorted) {
    const dtype =
      DTYPES.get(dtypeName) ?? fail(`tensor "${name}" has dtype ${dtypeName}; float32, int32 and bool can be read`);
    const [begin, end] = offsets;
    const size = sizeOf(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT;
    if (begin !== covered || end - begin !== size)
      fail(`tensor "${name}" does not lie where its shape [${shape}] says: the file is damaged`);
    if (end > data.length)
      fail(`the file is truncated: tensor "${name}" ends at byte ${8 + length + end}, the file at ${bytes.length}`);
    tensors.set(name, { dtype, shape, values: new ARRAYS[dtype](data.slice(begin, end).buffer) });
    covered = end;
  }
  if (covered !== data.length) fail(`the file is damaged: ${data.length - covered} bytes after the last tensor`);
  return { tensors, metadata: texts as Record<string, string> };
}

/** What a tensor's part of the header says, if it says all of it. */
function readEntry(entry: unknown): Entry | undefined {
  const { dtype, shape, data_offsets: offsets } = (asObject(entry) ?? {}) as Partial<Entry>;
  const areSizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((item) => Number.isInteger(item) && item >= 0);
  const isWhole = typeof dtype === 'string' && areSizes(shape) && areSizes(offsets) && offsets.length === 2;
  return isWhole ? { dtype, shape, data_offsets: offsets } : undefined;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}

/** The value that a JSON text stands for; none if it is not JSON. */
export function parseJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}
