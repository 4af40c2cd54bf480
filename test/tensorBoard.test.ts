// Event files: byte by byte as TensorBoard's own writer makes them (test/reference/eventFiles.json), and what a run writes.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import * as wg from '../ts/index.js';
import { header, histogram, scalar } from '../ts/io/eventFiles.js';
import { fixture } from './reference.js';

const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-events-'));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;

const reference = fixture<{
  time: number;
  weights: number[];
  header: string;
  scalars: { step: number; tag: string; value: number; record: string }[];
  histogram: string;
}>('eventFiles');

describe('the bytes of', () => {
  const hex = (bytes: number[]) => Buffer.from(bytes).toString('hex');
  const { time, weights } = reference;

  test('a header', () => expect(hex(header(time))).toBe(reference.header));
  test.each(reference.scalars)('$tag at step $step', ({ step, tag, value, record }) => {
    expect(hex(scalar(time, step, tag, value))).toBe(record);
  });
  test('a histogram', () => {
    expect(hex(histogram(time, 2, 'dense/kernel/histogram', weights))).toBe(reference.histogram);
  });
});

/** The fields of a message by their numbers: numbers, or the bytes of what has a length. */
function fieldsOf(bytes: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = () => {
    for (let x = 0, shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!;
      x += (byte % 128) * shift;
      if (byte < 128) return x;
    }
  };
  const take = (count: number) => bytes.subarray(at, (at += count));
  while (at < bytes.length) {
    const key = varint();
    const read = {
      0: varint,
      1: () => take(8).readDoubleLE(),
      2: () => take(varint()),
      5: () => take(4).readFloatLE(),
    };
    fields.set(Math.floor(key / 8), read[(key % 8) as 0]());
  }
  return fields;
}

/** What the one file of a folder holds: `[tag, step, value]`, histograms by how many numbers they are of. */
function eventsIn(path: string): [tag: string, step: number, value: number][] {
  const [name, ...others] = readdirSync(path);
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\..*\.v2$/);
  expect(others).toEqual([]);
  const bytes = readFileSync(join(path, name!));
  const events: [string, number, number][] = [];
  for (let at = 0, length; at < bytes.length; at += 16 + length) {
    length = Number(bytes.readBigUInt64LE(at));
    const event = fieldsOf(bytes.subarray(at + 12, at + 12 + length));
    if (at === 0) expect(String(event.get(3))).toBe('brain.Event:2');
    else {
      const summary = fieldsOf(fieldsOf(event.get(5) as Buffer).get(1) as Buffer);
      const value = (summary.get(2) as number | undefined) ?? (fieldsOf(summary.get(5) as Buffer).get(3) as number);
      events.push([String(summary.get(1)), (event.get(2) as number | undefined) ?? 0, value]);
    }
  }
  return events;
}

async function run(args: wg.callbacks.TensorBoardArgs, fit: wg.FitArgs = {}) {
  const logDir = join(folder, String(runs++));
  wg.setSeed(4);
  const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [2], name: 'only' })]);
  model.compile({ optimizer: wg.train.sgd(0.125), loss: 'mse', metrics: ['mae', 'auc'] });
  const x = Array.from({ length: 10 }, (_, i) => [i / 10, 1 - (i % 3)]);
  const y = x.map(([a]) => [a! > 0.5 ? 1 : 0]);
  const batches: wg.Logs[] = [];
  const callbacks = [
    new wg.callbacks.TensorBoard({ logDir, ...args }),
    { onBatchEnd: (_: number, logs?: wg.Logs) => void batches.push({ ...logs }) },
  ];
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0, callbacks, ...fit });
  model.dispose();
  return { logDir, history, batches };
}

const rounded = (x: number) => Math.fround(x);

test('a run writes each epoch as Keras does', async () => {
  const { logDir, history } = await run({ histogramFreq: 2 }, { validationSplit: 0.2 });
  expect(readdirSync(logDir).sort()).toEqual(['train', 'validation']);
  const epochs = [0, 1, 2];
  const names = ['auc', 'loss', 'mae'];
  expect(eventsIn(join(logDir, 'train'))).toEqual(
    epochs.flatMap((epoch) => [
      ...names.map((name) => [`epoch_${name}`, epoch, rounded(history[name]![epoch]!)]),
      ['epoch_learning_rate', epoch, 0.125],
      ...(epoch % 2 === 0 ? [['only/kernel/histogram', epoch, 2], ['only/bias/histogram', epoch, 1]] : []),
    ]), // prettier-ignore
  );
  const measured = (epoch: number, step: number, tag: (name: string) => string) =>
    names.map((name) => [tag(name), step, rounded(history[`val_${name}`]![epoch]!)]);
  expect(eventsIn(join(logDir, 'validation'))).toEqual(
    epochs.flatMap((epoch) => [
      ...measured(epoch, 2 * (epoch + 1), (name) => `evaluation_${name}_vs_iterations`),
      ...measured(epoch, epoch, (name) => `epoch_${name}`),
    ]),
  );
});

test.each<[wg.callbacks.TensorBoardArgs['updateFreq'], number[]]>([
  ['batch', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [4, [4, 8]],
])('updateFreq %o writes batches, counted over the epochs', async (updateFreq, steps) => {
  const { logDir, batches } = await run({ updateFreq });
  const written = eventsIn(join(logDir, 'train')).filter(([tag]) => tag.startsWith('batch_'));
  expect(written).toEqual(
    steps.flatMap((step) =>
      ['auc', 'loss', 'mae'].map((name) => [`batch_${name}`, step, rounded(batches[step - 1]![name]!)]),
    ),
  );
  expect(readdirSync(logDir)).toEqual(['train']);
});

test.each([
  [{ updateFreq: 0 }, "updateFreq must be 'epoch' or 'batch', or a whole number of batches from 1 on, got 0"],
  [{ logDir: 3 }, 'logDir must be a text, got 3'],
  [{ histogramFreq: -1 }, 'histogramFreq must be a whole number from 0 on, got -1'],
  [{ logdir: 'a' }, 'unknown option "logdir" (did you mean "logDir"?)'],
])('%o', (args, told) => {
  expect(() => new wg.callbacks.TensorBoard(args as never)).toThrow(`TensorBoard: ${told}`);
});

test('weights that are not finite have no histogram, and end nothing', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const logDir = join(folder, String(runs++));
  const kernelInitializer = () => wg.tensor2d([[NaN]]);
  const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1], kernelInitializer })]);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  const callbacks = new wg.callbacks.TensorBoard({ logDir, histogramFreq: 1 });
  await model.fit([[1]], [[1]], { verbose: 0, callbacks });
  expect(eventsIn(join(logDir, 'train')).map(([tag]) => tag)).toEqual(['epoch_loss', 'epoch_learning_rate']);
  expect(warn).toHaveBeenCalledOnce();
  warn.mockRestore();
  model.dispose();
});
