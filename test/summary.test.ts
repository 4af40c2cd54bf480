// The table of `summary()` is the one that Keras 3.15 prints: test/reference/printing.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { resetNames } from '../ts/layers/names.js';
import { fixture } from './reference.js';

interface SummaryRecord {
  name: string;
  layers: { layer: 'dense' | 'flatten' | 'activation'; config: object }[];
  inputShape: number[] | null;
  trained: boolean;
  tables: { lineLength: number; lines: string[] }[];
}

const { summaries } = fixture<{ summaries: SummaryRecord[] }>('printing');

function modelOf({ layers, inputShape }: SummaryRecord): wg.Sequential {
  resetNames();
  const first = inputShape && { inputShape };
  return wg.sequential(
    layers.map(({ layer, config }, i) => wg.layers[layer]({ ...config, ...(i === 0 && first) } as never)),
  );
}

async function trainOnce(model: wg.Sequential, { inputShape }: SummaryRecord) {
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const x = wg.ones([2, ...(inputShape ?? [4])]);
  const y = model.predict(x);
  await model.trainOnBatch(x, y);
  wg.dispose([x, y]);
}

const tables = summaries.flatMap((record) => record.tables.map((table) => ({ ...record, ...table, record })));

test.each(tables)('$name, $lineLength characters', async ({ record, lineLength, lines }) => {
  const model = modelOf(record);
  if (record.trained) await trainOnce(model, record);
  const printed: string[] = [];
  model.summary(lineLength, undefined, (line) => printed.push(line));
  // A model that was built by its first batch is not bound to that batch's size.
  const free = (line: string) => (record.inputShape === null ? line.replace(/\(2, (\d+)\) {3}/, '(None, $1)') : line);
  expect(printed).toEqual(lines.map(free));
  model.dispose();
});

test('a model without layers has a table without rows', () => {
  const printed: string[] = [];
  wg.sequential({ name: 'empty' }).summary(40, undefined, (line) => printed.push(line));
  expect(printed[0]).toBe('Model: "empty"');
  expect(printed.at(-3)).toBe(' Total params: 0 (0.00 B)');
});

test.each([19, 0, 40.5, NaN])('%d characters are no width for a table', (lineLength) => {
  const printed: string[] = [];
  const summary = () => wg.sequential().summary(lineLength, undefined, (line) => printed.push(line));
  expect(summary).toThrow(/summary: lineLength must be a whole number from 20 on, got/);
  expect(printed).toEqual([]);
});

describe('where it is printed', () => {
  test('by default on the console, in lines that fit into the terminal', () => {
    const model = modelOf(summaries[0]!);
    const printed: string[] = [];
    const log = console.log;
    console.log = (line: string) => printed.push(line);
    try {
      model.summary();
    } finally {
      console.log = log;
    }
    expect(printed.length).toBe(summaries[0]!.tables[0]!.lines.length);
    for (const line of printed) expect(line.length).toBeLessThanOrEqual(88);
    model.dispose();
  });
});
