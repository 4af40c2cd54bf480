// The lines of the progress bar are those that Keras 3.15 prints: test/reference/printing.json.
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as wg from '../ts/index.js';
import { fixture } from './reference.js';

interface ProgressRecord {
  steps: number;
  batch: number;
  /** From the beginning of the epoch. */
  seconds: number;
  values: Record<string, number>;
  /** By verbosity. */
  lines: { 1: string; 2: string };
}

const { epochs, moments } = fixture<{ epochs: ProgressRecord[]; moments: ProgressRecord[] }>('printing');

let printed = '';

function printsTo(terminal: { isTTY: boolean }) {
  const write = (text: string) => ((printed += text), true);
  vi.spyOn(process, 'stdout', 'get').mockReturnValue({ ...terminal, write } as typeof process.stdout);
}

beforeEach(() => {
  printed = '';
  printsTo({ isTTY: true });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Begins an epoch of so many steps and lets the time pass. */
function started(verbose: 1 | 2, { steps, seconds }: ProgressRecord) {
  const bar = new wg.callbacks.ProgbarLogger(verbose);
  bar.setParams({ epochs: 1, steps, verbose });
  const clock = vi.spyOn(performance, 'now').mockReturnValue(5000);
  bar.onEpochBegin!(0);
  clock.mockReturnValue(5000 + seconds * 1000);
  return bar;
}

describe.each([1, 2] as const)('verbose %d', (verbose) => {
  test.each(epochs)('$steps steps in $seconds s', (record) => {
    started(verbose, record).onEpochEnd!(0, record.values);
    expect(printed).toBe(`${record.lines[verbose]}\n`);
  });

  describe.each([true, false])('in the middle, on a terminal: %s', (isTTY) => {
    test.each(moments)('$batch of $steps steps in $seconds s', (record) => {
      printsTo({ isTTY });
      started(verbose, record).onYield!(0, record.batch, record.values);
      expect(printed).toBe(isTTY ? record.lines[verbose] : '');
    });
  });
});

test('a line takes the place of the one before, which may have been longer', () => {
  const bar = started(1, moments[0]!);
  bar.onYield!(0, 1, { loss: 1e-5 });
  printed = '';
  bar.onEpochEnd!(0, { loss: 2 });
  // " 1/10 ... 0s 50ms/step - loss: 1.0000e-05" against "10/10 ... 0s 5ms/step - loss: 2.0000".
  expect(printed).toMatch(/^\r.* 5ms\/step - loss: 2\.0000 {5}\n$/);
});

test('of a stream whose end is not known: the batches so far, as Keras prints them', () => {
  const bar = new wg.callbacks.ProgbarLogger(1);
  bar.setParams({ epochs: 1, steps: undefined, verbose: 1 });
  const clock = vi.spyOn(performance, 'now').mockReturnValue(5000);
  bar.onEpochBegin(0);
  clock.mockReturnValue(6200);
  bar.onYield(0, 12, { loss: 0.5 });
  // progbar.py: "%7d/Unknown", then the seconds so far.
  expect(printed).toBe('     12/Unknown \x1b[1m1s\x1b[0m 100ms/step - loss: 0.5000');
});

describe('fit', () => {
  const values = ['loss', 'mae', 'val_loss', 'val_mae'].map((name) => ` - ${name}: \\d\\.\\d{4}`).join('');
  const lines = {
    0: /^$/,
    1: new RegExp(`^(Epoch \\d/2\n3/3 ━{20} \\ds \\d+[mu]?s/step${values}\n){2}$`),
    2: new RegExp(`^(Epoch \\d/2\n3/3 - \\ds - \\d+[mu]?s/step${values}\n){2}$`),
  };

  test.each([0, 1, 2] as const)('verbose %d', async (verbose) => {
    printsTo({ isTTY: false });
    const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' })]);
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] });
    const [x, y] = [wg.ones([12, 2]), wg.ones([12, 1])];
    await model.fit(x, y, { epochs: 2, batchSize: 3, validationSplit: 0.25, verbose });
    expect(stripVTControlCharacters(printed)).toMatch(lines[verbose]);
    wg.dispose([x, y]);
    model.dispose();
  });
});
