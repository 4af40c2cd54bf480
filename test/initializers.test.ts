// Initial weights of Keras 3.15 on JAX for the same seed: test/reference/initializers.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { serialize } from '../ts/serialization.js';
import { expectBits, expectClose, fixture, type Values } from './reference.js';

interface InitializerRecord extends Values {
  name: string;
  camel: string;
  config: Record<string, unknown>;
  /** Of uniform draws. */
  bits?: number[];
}

const { cases } = fixture<{ cases: InitializerRecord[] }>('initializers');

const titled = cases.map((record) => ({
  ...record,
  title: `${record.name} ${JSON.stringify(record.config)} of [${record.shape}]`,
}));

/** `lecun_normal` is `leCunNormal` in tfjs. */
const functionName = ({ camel }: { camel: string }) => camel.replace('lecun', 'leCun') as 'heNormal';

test.each(titled)('$title', (record) => {
  const make = wg.initializers[functionName(record)];
  const initializer = make(record.config);
  const again = make(JSON.parse(JSON.stringify(initializer.getConfig())) as object);
  // The same initializer gives the same values each time, and so does one that is made of its configuration.
  const tensors = [initializer, initializer, again].map((one) => one.apply(record.shape));
  for (const values of tensors) {
    if (record.bits) expectBits(values, record.bits);
    expectClose(values, record, 1e-6);
  }
  wg.dispose(tensors);
});

const each = [...new Map(cases.map((record) => [record.name, functionName(record)]))];
const random = each.filter(([name]) => cases.some((record) => record.name === name && 'seed' in record.config));

test.each(random)('%s without a seed draws one when it is made', (_, name) => {
  const draw = (count: number) => {
    wg.setSeed(11);
    const made = Array.from({ length: count }, () => wg.initializers[name]());
    return wg.tidy(() => made.toReversed().map((one) => one.apply([2, 3]).arraySync()));
  };
  const [second, first] = draw(2);
  expect(first).not.toEqual(second);
  // The order in which they are made decides, not that in which they are asked.
  expect(draw(1)).toEqual([first]);
});

test.each(each)(
  'a layer finds %s by its name, as Keras and as tfjs write it, and by its configuration',
  (keras, tfjs) => {
    const shape = { units: 3, inputShape: [3] };
    const kernels = [keras, tfjs, serialize(wg.initializers[tfjs]())].map((kernelInitializer) => {
      const layer = wg.layers.dense({ ...shape, kernelInitializer });
      const { className } = layer.getConfig()['kernelInitializer'] as { className: string };
      layer.ensureBuilt([null, 3]);
      expect(layer.getWeights()[0]!.shape).toEqual([3, 3]);
      layer.dispose();
      return className;
    });
    expect(new Set(kernels).size).toBe(1);
  },
);

test('an initializer that cannot be made draws no seed', () => {
  const next = (before: () => void) => {
    wg.setSeed(1);
    before();
    return wg.tidy(() => wg.initializers.randomNormal().apply([2]).arraySync());
  };
  const expected = next(() => {});
  expect(next(() => expect(() => wg.initializers.randomNormal({ stdev: 1 } as never)).toThrow())).toEqual(expected);
});

test("a function gives the values of a weight; a tensor that it hands on stays the user's", () => {
  const values = wg.tensor2d([[1], [2]]);
  const asked: unknown[] = [];
  const layer = wg.layers.dense({
    units: 1,
    inputShape: [2],
    kernelInitializer: (shape, dtype) => (asked.push(shape, dtype), values),
  });
  layer.ensureBuilt([null, 2]);
  expect(asked).toEqual([[2, 1], 'float32']);
  expect(Array.from(layer.weights[0]!.dataSync())).toEqual([1, 2]);
  layer.dispose();
  expect(values.isDisposed).toBe(false);
  values.dispose();
});

describe('what it cannot do it says', () => {
  test.each([
    [
      () => wg.layers.dense({ units: 1, kernelInitializer: 'glorotUnifrom' }),
      /unknown initializer "glorotUnifrom" \(did you mean "glorotUniform"\?\)/,
    ],
    [() => wg.initializers.heNormal({ sed: 1 } as never), /unknown option "sed" \(did you mean "seed"\?\)/],
    [() => wg.initializers.constant({ valeu: 1 } as never), /unknown option "valeu" \(did you mean "value"\?\)/],
    [() => wg.initializers.identity({ gian: 1 } as never), /unknown option "gian" \(did you mean "gain"\?\)/],
    [() => wg.initializers.varianceScaling({ mode: 'fanSum' as never }), /unknown mode "fanSum"/],
    [() => wg.initializers.varianceScaling({ distribution: 'gamma' as never }), /unknown distribution "gamma"/],
    [() => wg.initializers.varianceScaling({ scale: 0 }), /scale must be a number above 0, got 0/],
    [() => wg.initializers.orthogonal().apply([3]), /at least two dimensions, got \[3\]/],
    [() => wg.initializers.identity().apply([3]), /expected a matrix, got shape \[3\]/],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });
});
