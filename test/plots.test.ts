// Pictures of a training run.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';

/** The record of a run; a metric that has fewer values was measured every so many epochs. */
function recordOf(history: Record<string, number[]>): wg.History {
  const record = new wg.History();
  const epochs = Math.max(...Object.values(history).map(({ length }) => length));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const measured = Object.entries(history).flatMap(([name, values]) => {
      const every = epochs / values.length;
      return (epoch + 1) % every === 0 ? [[name, values[(epoch + 1) / every - 1]!]] : [];
    });
    record.onEpochEnd(epoch, Object.fromEntries(measured) as wg.Logs);
  }
  return record;
}

function printed(history: Record<string, number[]>, args: { width?: number; height?: number } = {}): string[] {
  const lines: string[] = [];
  recordOf(history).plot({ ...args, printFn: (line) => lines.push(line) });
  return lines;
}

const falling = { loss: [1, 0.5, 0.25, 0.125], val_loss: [0.9, 0.8, 0.6, 0.7] };

const numbers = fc.oneof(
  fc.double({ min: -1e9, max: 1e9 }),
  fc.double({ min: 0, max: 1e-4 }),
  fc.constantFrom(NaN, Infinity, 0),
);
const runs = fc
  .integer({ min: 1, max: 90 })
  .chain((epochs) =>
    fc.tuple(...['loss', 'val_loss', 'mae'].map(() => fc.array(numbers, { minLength: epochs, maxLength: epochs }))),
  )
  .map(([loss, val, mae]) => ({ loss: loss!, val_loss: val!, mae: mae! }));

describe('plot', () => {
  test('draws training as a line, validation as points, with numbers beside and below', () => {
    expect(printed(falling, { width: 30, height: 7 })).toEqual([
      '     ─ loss 0.125   • val_loss 0.7',
      '1.0 ┤─╮',
      '    │•╰─╮•••••••',
      '    │   ╰──╮    ••••••••••••••',
      '0.5 ┤      ╰───╮',
      '    │          ╰────╮',
      '    │               ╰─────────',
      '0.0 ┤',
      '    └┬───────┬───────┬───────┬',
      '     1       2       3       4',
      '              epoch',
    ]);
  });

  test('puts values to the epochs at which they were measured', () => {
    expect(printed({ loss: [4, 3, 2, 1], val_loss: [4, 2] }, { width: 24, height: 6 }).slice(1, 7)).toEqual([
      '4 ┤──╮    •••',
      '  │  ╰────╮  •••••',
      '  │       ╰─────╮ •••••',
      '2 ┤             ╰────╮ •',
      '  │                  ╰──',
      '0 ┤',
    ]);
    const svg = recordOf({ loss: [4, 3, 2, 1], val_loss: [4, 2] }).toSVG();
    const [training, validation] = [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(([, d]) =>
      d!.match(/(?<=[ML])[\d.]+/g),
    );
    expect(validation).toEqual([training![1], training![3]]);
    const own = recordOf({ loss: [4, 3, 2, 1] });
    own.history['val_loss'] = [4, 3, 2, 1];
    expect(new Set(own.toSVG().match(/(?<=d=")[^"]*(?=" fill="none")/g)).size).toBe(1);
  });

  test('gives each metric a chart, the loss first', () => {
    const lines = printed({ accuracy: [0.5, 0.75], val_accuracy: [0.4, 0.5], loss: [2, 1] }, { height: 4 });
    expect(lines.filter((line) => line.includes('─ '))).toEqual([
      expect.stringContaining('─ loss 1'),
      expect.stringContaining('─ accuracy 0.75   • val_accuracy 0.5'),
    ]);
    expect(lines.filter((line) => line === '')).toHaveLength(1);
  });

  test('keeps to width and height, whatever the values', () => {
    fc.assert(
      fc.property(
        runs,
        fc.integer({ min: 24, max: 100 }),
        fc.integer({ min: 3, max: 30 }),
        (history, width, height) => {
          const lines = printed(history, { width, height });
          const hasCurve = (names: (keyof typeof history)[]) =>
            names.some((name) => history[name].some(Number.isFinite));
          const charts = [hasCurve(['loss', 'val_loss']), hasCurve(['mae'])].filter(Boolean).length;
          expect(lines).toHaveLength(Math.max(charts * (height + 5) - 1, 0));
          const bodies = lines.filter((line) => /[┤│└]/.test(line));
          for (const line of bodies) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('is what fit gives', async () => {
    const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1] })]);
    model.compile({ loss: 'mse', optimizer: 'sgd' });
    const history = await model.fit([[1], [2]], [[1], [2]], { epochs: 3, verbose: 0 });
    const lines: string[] = [];
    history.plot({ printFn: (line) => lines.push(line) });
    expect(lines[0]).toContain('─ loss');
    model.dispose();
  });

  test.each<[args: object, words: string]>([
    [{ width: 10 }, 'history.plot: width must be a whole number from 24 on, got 10'],
    [{ height: 2.5 }, 'history.plot: height must be a whole number from 3 on, got 2.5'],
    [{ printFn: 3 }, 'history.plot: printFn must be a function, got 3'],
    [{ heigth: 5 }, '"height"'],
  ])('refuses %j', (args, words) => {
    expect(() => recordOf(falling).plot(args)).toThrow(words);
  });
});

describe('toSVG', () => {
  /** The places of the curves' points, one list for each curve. */
  const curves = (svg: string) =>
    [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(([, d]) =>
      [...d!.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const),
    );

  test('has a point for each finite value, inside of its chart, the greater the higher', () => {
    fc.assert(
      fc.property(runs, (history) => {
        const [width, height] = [300, 200];
        const svg = recordOf(history).toSVG({ width, height });
        const drawn = curves(svg);
        const shown = (['loss', 'val_loss', 'mae'] as const).filter((name, _, names) =>
          (name === 'mae' ? [name] : names.slice(0, 2)).some((one) => history[one].some(Number.isFinite)),
        );
        expect(drawn.map(({ length }) => length)).toEqual(
          shown.map((name) => history[name].filter(Number.isFinite).length),
        );
        drawn.forEach((points, i) => {
          const values = history[shown[i]!].filter(Number.isFinite);
          points.forEach(([x, y], j) => {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThanOrEqual(width);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(y).toBeLessThanOrEqual(height);
            if (j > 0 && values[j]! > values[j - 1]!) expect(y).toBeLessThanOrEqual(points[j - 1]![1]);
          });
        });
      }),
    );
  });

  test('tells training from validation by colour and dashes, and names are texts', () => {
    const svg = recordOf({ ...falling, 'a<b&c': [1, NaN, 1, 2] }).toSVG();
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(2);
    expect(svg).toContain('>a&#60;b&#38;c</text>');
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="840" height="280"/);
    expect(svg.match(/<g/g)).toHaveLength(2);
  });

  test.each<[args: object, words: string]>([
    [{ width: 10 }, 'history.toSVG: width must be a whole number from 160 on, got 10'],
    [{ height: '5' }, 'history.toSVG: height must be a whole number from 140 on, got "5"'],
    [{ printFn: 3 }, 'unknown option "printFn"'],
  ])('refuses %j', (args, words) => {
    expect(() => recordOf(falling).toSVG(args)).toThrow(words);
  });
});
