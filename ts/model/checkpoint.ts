// A run of `fit` as the bytes of a file, and back.
import type { Callback, CallbackFunctions, CallbackState, RunControl } from '../callbacks/callback.js';
import { WasmgradError } from '../core/errors.js';
import { parseJson, type Stored } from '../io/safetensors.js';
import type { DataType, TypedArray } from '../tensor/dtypes.js';
import { restoreRandomState, saveRandomState } from '../tensor/randomState.js';
import { fromValues } from '../tensor/run.js';
import type { Variable } from '../tensor/variable.js';
import type { Feed } from './feeds.js';
import type { Model } from './model.js';
import { modelToBytes, readSavedRun } from './save.js';

/** How far a run has come. */
export interface Progress {
  /** The epoch that runs, or comes next. */
  epoch: number;
  /** Batches of it that are done. */
  batch: number;
}

/** What a checkpoint holds besides the model. */
interface Saved extends Progress {
  callbacks: Record<string, unknown>[];
  /** Where the feed stands. */
  given: number;
}

/** What is saved of a run. */
export interface RunParts {
  model: Model;
  feed: Feed;
  callbacks: readonly (Callback | CallbackFunctions)[];
  /** State of the metrics, by name. */
  metrics: ReadonlyMap<string, Variable>;
  progress: Progress;
  /** Batches that the feed has given in the epoch that runs, or ran last. */
  done: number;
  /** Takes up another run's progress, and the states of its callbacks. */
  resume(progress: Progress, states: CallbackState[]): void;
}

export class Checkpoint implements RunControl {
  constructor(private readonly parts: () => RunParts) {}

  toBytes(): Uint8Array {
    const { model, feed, callbacks, metrics, progress, done } = this.parts();
    const tensors = new Map<string, Stored>();
    const put = (name: string, values: TypedArray, dtype: DataType) =>
      tensors.set(name, { dtype, shape: [values.length], values } as Stored);
    put('random', saveRandomState(), 'int32');
    // Between epochs metrics hold nothing that is needed.
    if (progress.batch > 0) {
      for (const [name, variable] of metrics) put(`metric/${name}`, variable.dataSync(), 'float32');
    }
    const position = feed.position(done);
    if (position.order) put('order', position.order, 'int32');
    if (position.random) put('stream', position.random, 'int32');
    const states = callbacks.map((callback, i) => {
      const state = 'getState' in callback ? callback.getState() : {};
      return Object.fromEntries(
        Object.entries(state).map(([key, value]) => {
          if (!isArrays(value)) return [key, value];
          value.forEach((array, j) => put(`callback/${i}/${key}/${j}`, array, dtypeOf(array)));
          return [key, { arrays: value.length }];
        }),
      );
    });
    const saved: Saved = { ...progress, callbacks: states, given: position.given };
    return modelToBytes(model, { run: JSON.stringify(saved, writeNumber), tensors });
  }

  restore(place: string, bytes: Uint8Array): void {
    const { model, feed, callbacks, metrics, resume } = this.parts();
    const { besides, restore } = readSavedRun(place, model, bytes);
    const saved = besides && (parseJson(besides.run, readNumber) as Saved | undefined);
    if (saved === undefined) {
      throw new WasmgradError(`${place}: the file holds no run, only a model; remove it, or give another path`);
    }
    if (saved.callbacks.length !== callbacks.length) {
      throw new WasmgradError(
        `${place}: the run that was saved had ${saved.callbacks.length} callbacks, this one has ${callbacks.length}; give the ` +
          'same ones, or remove the file to begin anew',
      );
    }
    restore();
    const { tensors } = besides!;
    const valuesOf = (name: string) => tensors.get(name)?.values;
    for (const [name, variable] of metrics) {
      const values = valuesOf(`metric/${name}`);
      if (values === undefined) continue;
      const tensor = fromValues(place, values, variable.shape, variable.dtype);
      variable.assign(tensor);
      tensor.dispose();
    }
    const [order, random] = ['order', 'stream'].map(valuesOf) as (Int32Array | undefined)[];
    feed.goOn({ given: saved.given, order, random });
    restoreRandomState(valuesOf('random') as Int32Array);
    const states = saved.callbacks.map((state, i) => {
      return Object.fromEntries(
        Object.entries(state).map(([key, value]) => {
          const count = (value as { arrays?: number } | null)?.arrays;
          if (count === undefined) return [key, value];
          return [key, Array.from({ length: count }, (_, j) => valuesOf(`callback/${i}/${key}/${j}`)!)];
        }),
      ) as CallbackState;
    });
    resume({ epoch: saved.epoch, batch: saved.batch }, states);
  }
}

function isArrays(value: CallbackState[string]): value is readonly TypedArray[] {
  return Array.isArray(value) && value.length > 0 && ArrayBuffer.isView(value[0]);
}

function dtypeOf(array: TypedArray): DataType {
  if (array instanceof Int32Array) return 'int32';
  return array instanceof Float32Array ? 'float32' : 'bool';
}

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];

/** JSON has no words for numbers that are not finite. */
function writeNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function readNumber(_key: string, value: unknown): unknown {
  return NON_FINITE.includes(value as string) ? Number(value) : value;
}
