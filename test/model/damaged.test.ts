// Files that are truncated, damaged or of another kind: each is refused with a reason, and nothing is left half-made.
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, messageOf, x, y } from './twins.js';

let file: Uint8Array;
let headerEnd: number;

beforeAll(async () => {
  const model = makeModel();
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
  await model.fit(x, y, { verbose: 0 });
  file = model.toBytes();
  headerEnd = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  model.dispose();
});

/** A safetensors file of a header and data. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** The file with another header. */
function withHeader(change: (header: Record<string, Record<string, unknown>>) => unknown): Uint8Array {
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, headerEnd))) as Record<
    string,
    Record<string, unknown>
  >;
  return fileOf(change(header) ?? header, file.subarray(headerEnd));
}

/** The file with another description of the model. */
function withModel(change: (saved: Record<string, never>) => unknown): Uint8Array {
  return withHeader(({ __metadata__: metadata, ...tensors }) => {
    const saved = JSON.parse(metadata!['wasmgrad'] as string) as Record<string, never>;
    return { __metadata__: { wasmgrad: JSON.stringify(change(saved) ?? saved) }, ...tensors };
  });
}

/** Loads: gives what went wrong, or nothing if it loaded. Whatever else is thrown fails the test. */
async function load(bytes: Uint8Array): Promise<string | undefined> {
  const before = wg.memory().numTensors;
  try {
    const model = await wg.loadModel(bytes);
    wg.dispose(wg.tidy(() => model.predict(x)));
    model.dispose();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(wg.WasmgradError);
    expect((error as Error).message).toMatch(/^loadModel: /);
    return (error as Error).message;
  } finally {
    expect(wg.memory().numTensors).toBe(before);
  }
}

test('a file cut off anywhere is refused', async () => {
  for (let length = 0; length < file.length; length++) {
    const message = await load(file.subarray(0, length));
    expect(message, `cut at ${length}`).toMatch(/truncated|not a model/);
  }
});

test('a file with any byte of its header changed is refused, or a whole model', async () => {
  const damage = fc.record({ at: fc.integer({ min: 0, max: headerEnd - 1 }), byte: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, byte }) => {
      const bytes = file.slice();
      bytes[at] = byte;
      await load(bytes);
    }),
    { numRuns: 1000 },
  );
});

test('bytes that are no file are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      expect(await load(bytes)).toBeDefined();
    }),
  );
});

test('any JSON as a header is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (header) => {
      expect(await load(fileOf({ __metadata__: header }))).toBeDefined();
      expect(await load(fileOf({ 'dense/kernel': header }))).toBeDefined();
      expect(await load(fileOf({ __metadata__: { wasmgrad: JSON.stringify(header) } }))).toBeDefined();
    }),
  );
});

describe('what is said', () => {
  test.each<[string, () => Uint8Array, (() => string[]) | string[]]>([
    ['nothing', () => new Uint8Array(0), ['truncated or not a model', '0 bytes']],
    [
      'a text',
      () => new TextEncoder().encode('{"modelTopology": {"class_name": "Sequential"}}'),
      ['not a safetensors file', 'model.save()'],
    ],
    ['an HDF5 file', () => Uint8Array.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0]), ['not a safetensors file']],
    [
      'tensors without a model',
      () => fileOf({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4)),
      ['no wasmgrad model', 'model.save()'],
    ],
    [
      'tensors of other libraries',
      () => fileOf({ w: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, new Uint8Array(4)),
      ['"w"', 'BF16', 'float32, int32 and bool'],
    ],
    [
      'a header cut short',
      () => file.subarray(0, headerEnd - 1),
      () => ['truncated', `header ends at byte ${headerEnd}`, `file at ${headerEnd - 1}`],
    ],
    [
      'data cut short',
      () => file.subarray(0, file.length - 1),
      () => ['truncated', `ends at byte ${file.length}`, `file at ${file.length - 1}`],
    ],
    ['bytes at the end', () => Uint8Array.from([...file, 1, 2]), ['damaged', '2 bytes after the last tensor']],
    ['a header that is no JSON', () => fileOf('{"a": '), ['header', 'not JSON']],
    [
      'a tensor that is missing',
      () =>
        withModel((saved) => ({
          ...saved,
          model: JSON.parse(JSON.stringify(saved['model']).replaceAll('hidden', 'other')) as never,
        })),
      ['"hidden/bias"', 'which the model has not'],
    ],
    [
      'a tensor of another shape',
      () => withModel((saved) => JSON.parse(JSON.stringify(saved).replace('"units":5', '"units":6'))),
      ['"hidden/kernel"', 'float32 of shape [4, 5] in the file', 'needs float32 of shape [4, 6]'],
    ],
    [
      'an unknown layer',
      () => withModel((saved) => JSON.parse(JSON.stringify(saved).replace('"Dropout"', '"Dropot"'))),
      ['unknown class "Dropot"', '"Dropout"', 'registerClass'],
    ],
    [
      'an unknown activation',
      () => withModel((saved) => JSON.parse(JSON.stringify(saved).replace('"tanh"', '"tan"'))),
      ['layer "hidden"', 'activation "tan"', '"tanh"'],
    ],
    [
      'an unknown optimizer',
      () => withModel((saved) => JSON.parse(JSON.stringify(saved).replace('"Adam"', '"Adan"'))),
      ['unknown class "Adan"'],
    ],
    ['a later layout', () => withModel((saved) => ({ ...saved, version: 2 })), ['layout 2', 'layout 1', 'upgrade']],
    [
      'layers that are none',
      () => withModel((saved) => ({ ...saved, model: { className: 'Sequential', config: { layers: 5 } } })),
      ['description of the model', 'damaged'],
    ],
    [
      'a layer for a model',
      () => withModel((saved) => ({ ...saved, model: { className: 'Flatten', config: {} } })),
      ['Flatten', 'not a model'],
    ],
  ])('%s', async (_, make, words) => {
    const message = await messageOf(() => wg.loadModel(make()));
    for (const word of Array.isArray(words) ? words : words()) expect(message).toContain(word);
  });
});
