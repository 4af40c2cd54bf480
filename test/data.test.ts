// Datasets: tfjs's wg.data.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';

const numbers = (count: number) => wg.data.array(Array.from({ length: count }, (_, i) => i));
const small = fc.integer({ min: 0, max: 12 });
const positive = fc.integer({ min: 1, max: 12 });

describe('steps of a dataset are those of lists', () => {
  const steps: [
    string,
    (d: wg.data.Dataset<number>, n: number) => wg.data.Dataset<number>,
    (x: number[], n: number) => number[],
  ][] = [
    ['take', (d, n) => d.take(n), (x, n) => x.slice(0, n)],
    ['skip', (d, n) => d.skip(n), (x, n) => x.slice(n)],
    ['map', (d, n) => d.map((x) => x * n), (x, n) => x.map((value) => value * n)],
    ['mapAsync', (d, n) => d.mapAsync(async (x) => x + n), (x, n) => x.map((value) => value + n)],
    ['filter', (d, n) => d.filter((x) => x % (n + 1) === 0), (x, n) => x.filter((value) => value % (n + 1) === 0)],
    ['repeat', (d, n) => d.repeat(n), (x, n) => Array.from({ length: n }, () => x).flat()],
    ['concatenate', (d, n) => d.concatenate(numbers(n)), (x, n) => [...x, ...Array.from({ length: n }, (_, i) => i)]],
    ['prefetch', (d, n) => d.prefetch(n + 1), (x) => x],
  ];

  test.each(steps)('%s', async (_, onDataset, onList) => {
    await fc.assert(
      fc.asyncProperty(small, small, async (size, n) => {
        const dataset = onDataset(numbers(size), n);
        const expected = onList(
          Array.from({ length: size }, (_, i) => i),
          n,
        );
        expect(await dataset.toArray()).toEqual(expected);
        // It can be read again.
        expect(await dataset.toArray()).toEqual(expected);
        if (dataset.size !== null) expect(dataset.size).toBe(expected.length);
      }),
      { numRuns: 30 },
    );
  });
});

test('shuffle gives each element once, in an order that the seed fixes, within its buffer', async () => {
  await fc.assert(
    fc.asyncProperty(small, positive, fc.nat(), async (size, buffer, seed) => {
      const order = await numbers(size).shuffle(buffer, seed).toArray();
      expect(order.toSorted((a, b) => a - b)).toEqual(await numbers(size).toArray());
      expect(await numbers(size).shuffle(buffer, seed).toArray()).toEqual(order);
      order.forEach((value, i) => expect(value).toBeLessThanOrEqual(i + buffer));
    }),
    { numRuns: 30 },
  );
  const same = numbers(50).shuffle(50, 1, false);
  expect(await same.toArray()).toEqual(await same.toArray());
  const other = numbers(50).shuffle(50, 1);
  expect(await other.toArray()).not.toEqual(await other.toArray());
  // Without a seed a reading has the next of those that setSeed begins.
  const free = numbers(50).shuffle(50);
  const read = async () => (wg.setSeed(3), [await free.toArray(), await free.toArray()] as const);
  const [first, second] = await read();
  expect(first).not.toEqual(second);
  expect(await read()).toEqual([first, second]);
});

describe('batch', () => {
  test.each([
    [7, 3, true, [3, 3, 1]],
    [7, 3, false, [3, 3]],
    [6, 3, true, [3, 3]],
    [2, 3, false, []],
  ] as const)('of %i elements by %i (small last one: %s)', async (size, batchSize, smallLastBatch, expected) => {
    const samples = numbers(size).map((i) => ({ xs: [i, 2 * i], ys: wg.tensor([[i]]), name: `n${i}` }));
    const dataset = samples.batch(batchSize, smallLastBatch);
    expect(dataset.size).toBe(expected.length);
    let first = 0;
    const rows: number[] = [];
    await dataset.forEachAsync((batch) => {
      const { xs, ys, name } = batch as { xs: wg.Tensor; ys: wg.Tensor; name: string[] };
      const count = xs.shape[0]!;
      expect(xs.arraySync()).toEqual(Array.from({ length: count }, (_, i) => [first + i, 2 * (first + i)]));
      expect(ys.shape).toEqual([count, 1, 1]);
      expect(name[0]).toBe(`n${first}`);
      rows.push(count);
      first += count;
    });
    expect(rows).toEqual(expected);
  });

  test('a list with tensors is several values', async () => {
    const pairs = numbers(4).map((i) => [wg.tensor([i, i]), wg.scalar(i)]);
    const [batch] = (await pairs.batch(4).toArray()) as [wg.Tensor, wg.Tensor][];
    expect(batch!.map(({ shape }) => shape)).toEqual([[4, 2], [4]]);
    wg.dispose(batch);
  });

  test('of values that do not fit: an error that names them, and nothing is left', async () => {
    const ragged = numbers(2).map((i) => ({ xs: wg.ones([i + 1]), ys: i }));
    await expect(ragged.batch(2).toArray()).rejects.toThrow(
      /the elements at \.xs do not make rows of one tensor.*\{ xs, ys \}/s,
    );
  });
});

test('tensors that steps make and drop end', async () => {
  const items = [1, 2, 3, 4, 5].map((i) => wg.scalar(i));
  const dataset = wg.data
    .array(items)
    .map((x) => x.mul(2).add(1))
    .filter((x) => Number(x) > 5)
    .shuffle(2, 1)
    .prefetch(2);
  const [first] = await dataset.take(1).toArray();
  expect([7, 9, 11]).toContain(Number(first));
  // The items stay the user's.
  expect(items.map(Number)).toEqual([1, 2, 3, 4, 5]);
  wg.dispose([first, items]);
});

test('a reader that stops early ends the generators', async () => {
  let ended = 0;
  const dataset = wg.data.generator(function* () {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      ended++;
    }
  });
  expect(
    await dataset
      .map((x) => x + 1)
      .take(3)
      .toArray(),
  ).toEqual([1, 2, 3]);
  expect(ended).toBe(1);
});

test.each([
  [
    'a generator function',
    function* () {
      yield* [1, 2];
    },
  ],
  [
    'an async one',
    async function* () {
      yield* [1, 2];
    },
  ],
  [
    'a promise of an iterator without more',
    async () => {
      let i = 0;
      return { next: () => ({ done: i === 2, value: ++i }) };
    },
  ],
] as const)('generator takes %s', async (_, make) => {
  expect(await wg.data.generator<number>(make as () => Iterable<number>).toArray()).toEqual([1, 2]);
});

test('zip puts elements beside one another, in nested structures too, up to the shortest', async () => {
  const zipped = wg.data.zip({ xs: [numbers(3), numbers(5)], ys: numbers(4).map((i) => -i) });
  expect(zipped.size).toBe(3);
  expect(await zipped.toArray()).toEqual([
    { xs: [0, 0], ys: -0 },
    { xs: [1, 1], ys: -1 },
    { xs: [2, 2], ys: -2 },
  ]);
});

describe('csv', () => {
  const table = '\ufeffsize,rooms,"near, or far",price\r\n1.5,3,"a ""b""",10\r\n\r\n2e1,,far,20\n';

  test('rows by column, numbers where they are ones', async () => {
    const dataset = wg.data.csv(table);
    expect(await dataset.columnNames()).toEqual(['size', 'rooms', 'near, or far', 'price']);
    expect(await dataset.toArray()).toEqual([
      { size: 1.5, rooms: 3, 'near, or far': 'a "b"', price: 10 },
      { size: 20, rooms: undefined, 'near, or far': 'far', price: 20 },
    ]);
  });

  test('labels, dtypes, defaults, configured columns only', async () => {
    const dataset = wg.data.csv(table, {
      columnConfigs: { rooms: { default: 2 }, size: { dtype: 'int32' }, price: { isLabel: true, dtype: 'string' } },
      configuredColumnsOnly: true,
    });
    expect(await dataset.columnNames()).toEqual(['size', 'rooms', 'price']);
    expect(await dataset.toArray()).toEqual([
      { xs: { size: 1, rooms: 3 }, ys: { price: '10' } },
      { xs: { size: 20, rooms: 2 }, ys: { price: '20' } },
    ]);
  });

  test('without header, with other delimiters', async () => {
    const options = { hasHeader: false, columnNames: ['a', 'b'] };
    const expected = [
      { a: 1, b: true },
      { a: 2, b: false },
    ];
    const columnConfigs = { b: { dtype: 'bool' } } as const;
    expect(await wg.data.csv('1;true\n2;0\n', { ...options, columnConfigs, delimiter: ';' }).toArray()).toEqual(
      expected,
    );
    expect(
      await wg.data.csv(' 1   1\n2\tfalse', { ...options, columnConfigs, delimWhitespace: true }).toArray(),
    ).toEqual(expected);
  });

  test('files, addresses and blobs', async () => {
    const path = new URL('../examples/data/iris.csv', import.meta.url);
    expect(await wg.data.csv(path).take(1).toArray()).toEqual(await wg.data.csv(path.pathname).take(1).toArray());
    expect(await wg.data.csv(new Blob(['a\n1'])).toArray()).toEqual([{ a: 1 }]);
    expect(await wg.data.csv('data:text/csv,a%0A1').toArray()).toEqual([{ a: 1 }]);
    await expect(wg.data.csv('no/such.csv').toArray()).rejects.toThrow('data.csv: the file cannot be read');
  });

  test.each([
    ['a\n1,2\n', {}, 'row 1 has 2 values, but there are 1 columns: 1, 2'],
    ['a,a\n1,2\n', {}, 'two columns are named "a"'],
    ['1\n', { hasHeader: false }, 'the columns have no names'],
    [
      'age\n1\n',
      { columnConfigs: { agee: {} } },
      'columnConfigs names "agee", which is no column (did you mean "age"?)',
    ],
    ['a\nx\n', { columnConfigs: { a: { dtype: 'float32' } } }, 'row 1, column "a": "x" is no number'],
    ['a\nx\n', { columnConfigs: { a: { dtype: 'bool' } } }, 'row 1, column "a": "x" is neither true nor false'],
    ['a,b\n,2\n', { columnConfigs: { a: { required: true } } }, 'row 1, column "a": the value is missing'],
  ] as const)('%j with %j: an error', async (text, config, message) => {
    await expect(wg.data.csv(text, config as wg.data.CSVConfig).toArray()).rejects.toThrow(message);
  });
});

test.each([
  ['array', () => wg.data.array(3 as never), 'data.array: the items must be a list of elements, got 3'],
  ['batch', () => numbers(1).batch(0), 'dataset.batch: batchSize must be a whole number from 1 on, got 0'],
  ['map', () => numbers(1).map(3 as never), 'dataset.map: the function must be a function, got 3'],
  ['take', () => numbers(1).take(-1), 'dataset.take: the count must be a whole number from 0 on, got -1'],
  ['csv', () => wg.data.csv('a\n', { delimiter: ';;' }), 'data.csv: delimiter must be one character, got ";;"'],
])('%s refuses what makes no sense', (_, act, message) => {
  expect(act).toThrow(message);
});
