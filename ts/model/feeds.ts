// Where training gets its batches from: tensors that lie in the heap, or a stream of batches.
import { check, seam } from '../core/core.js';
import { describe, WasmgradError } from '../core/errors.js';
import { disposeElement } from '../data/elements.js';
import type { BatchShape } from '../layers/layer.js';
import { isTypedArray } from '../tensor/dtypes.js';
import { restoreRandomState, saveRandomState } from '../tensor/randomState.js';
import { viewOf } from '../tensor/run.js';
import { isPlain } from '../tensor/scopes.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import type { FitArgs } from './args.js';
import { batchesOf, batchSizeFor, rowNumbers, splitPoint, toData, type Data, type Rows, type Samples } from './data.js';
import type { ClassWeight, Weighting } from './weighting.js';

/** Consecutive batches of one size, of samples that lie together. */
export interface Batches extends Rows {
  data: Data;
  /** The numbers of the samples in the order of training, int32. */
  order: Tensor;
}

export interface Feed {
  /** Batches of an epoch, if that is known. */
  readonly steps: number | undefined;
  /** Data like those that come, with the sizes of their batches, as far as they are known. */
  preview(): Promise<{ data: Data; sizes: number[] }>;
  /** Draws an order that no epoch uses. */
  discardOrder(): void;
  /**
   * The batches of another epoch.
   * @param anew whether from the first one, as validations are, even if the epoch before did not end
   * @param done how many of its batches were given before `goOn`
   */
  epoch(anew?: boolean, done?: number): Iterable<Batches> | AsyncIterable<Batches>;
  /** Where it stands when so many batches of the epoch are done, for a run that goes on from here. */
  position(done: number): Position;
  /** Goes on where `position` found another one like it. */
  goOn(position: Position): void;
  dispose(): void | Promise<void>;
}

export interface Position {
  /** Batches that were given. */
  given: number;
  /** The order of the samples, if it is not over. */
  order?: Int32Array | undefined;
  /** Where all random draws stood when a stream began. */
  random?: Int32Array | undefined;
}

/** Batches of tensors. */
export class TensorFeed implements Feed {
  readonly steps: number;
  private readonly order: Tensor;
  private readonly batchSize: number;
  /** Batches of all samples. */
  private readonly all: number;
  /** How many of them this order has given, and had before the epoch. */
  private given = 0;
  private start = 0;

  /**
   * @param data is disposed of with it
   * @param limit batches of an epoch, which goes on where the one before ended; default: all
   */
  constructor(
    private readonly data: Data,
    batchSize: number | undefined,
    private readonly shuffle: boolean,
    private readonly limit: number | undefined,
  ) {
    this.order = rowNumbers(data.size);
    this.batchSize = batchSize ?? batchSizeFor(data.size, limit);
    this.all = Math.ceil(data.size / this.batchSize);
    this.steps = limit ?? this.all;
  }

  async preview(): Promise<{ data: Data; sizes: number[] }> {
    return { data: this.data, sizes: batchesOf(this.data.size, this.batchSize).map(({ rows }) => rows) };
  }

  discardOrder(): void {
    if (this.shuffle) check(seam.random_permutation(this.order.handle));
  }

  *epoch(anew = this.limit === undefined, done = 0): Generator<Batches> {
    if (done === 0) {
      if (anew || this.given === this.all) this.given = 0;
      if (this.given === 0) this.discardOrder();
    }
    const { data, order, given: from } = this;
    this.start = from - done;
    const to = Math.min(this.all, this.start + this.steps);
    this.given = to;
    for (const rows of batchesOf(data.size, this.batchSize, from, to)) yield { data, order, ...rows };
    if (to < this.start + this.steps) warnOfEnd('fit', this.steps, to - this.start);
  }

  position(done: number): Position {
    const given = this.start + done;
    return { given, order: given < this.all ? (this.order.dataSync() as Int32Array) : undefined };
  }

  goOn({ given, order }: Position): void {
    this.given = given;
    if (order !== undefined) viewOf(this.order.handle, order.length, 'int32').set(order);
  }

  dispose(): void {
    this.data.dispose();
    this.order.dispose();
  }
}

/** A batch of a stream: `[x, y]`, `[x, y, sampleWeight]`, or `{ xs, ys }`. */
export type Batch =
  | readonly [Samples, Samples]
  | readonly [Samples, Samples, Samples]
  | { readonly xs: Samples; readonly ys: Samples; readonly sampleWeight?: Samples };

/** Batches one after another: a `Dataset`, a generator, or a function that makes one. The batches' tensors end with their use. */
export type BatchSource =
  AsyncIterable<unknown> | Iterable<unknown> | (() => AsyncIterable<unknown> | Iterable<unknown>);

/** Whether it is a source of batches, and not data themselves. */
export function isBatchSource(x: unknown): x is BatchSource {
  if (typeof x === 'function') return true;
  if (typeof x !== 'object' || x === null || Array.isArray(x) || isTypedArray(x) || isTensor(x)) return false;
  return Symbol.asyncIterator in x || Symbol.iterator in x;
}

/** The model, as those see it who give it data. */
export interface Taker {
  /** The shape of its inputs, if it is built. */
  inputShape(): BatchShape | undefined;
  /** @throws if the data do not fit the model or its loss, as far as they are known */
  check(place: string, data: Data): void;
}

/** Batches of a stream. */
export class StreamFeed implements Feed {
  private iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  /** A batch that was looked at before its time. */
  private ahead: { data: Data; given: unknown } | undefined;
  private order: Tensor | undefined;
  private epochs = 0;
  /** Batches that the iterator has given, and had before the epoch. */
  private given = 0;
  private start = 0;
  /** Where all random draws stood when the iterator began. */
  private begun: Int32Array | undefined;
  /** Where another run stood that this one goes on with. */
  private resumed: Position | undefined;

  /**
   * @param steps batches of an epoch, which goes on where the one before ended; default: all that come
   */
  constructor(
    private readonly place: string,
    private readonly source: BatchSource,
    private readonly taker: Taker,
    private readonly classWeight: ClassWeight | undefined,
    readonly steps: number | undefined,
  ) {}

  async preview(): Promise<{ data: Data; sizes: number[] }> {
    this.ahead = await this.pull();
    if (this.ahead === undefined) throw new WasmgradError(`${this.place}: the data are empty: there is no batch`);
    const { data } = this.ahead;
    return { data, sizes: [data.size] };
  }

  discardOrder(): void {}

  async *epoch(anew = this.steps === undefined, done = 0): AsyncGenerator<Batches> {
    const { steps = Infinity } = this;
    const { resumed } = this;
    const isFirst = this.epochs++ === 0;
    if (resumed || (anew && !isFirst)) await this.restart();
    // Between epochs that begin anew it is of no matter what was taken before.
    if (resumed && (!anew || done > 0)) await this.replay(resumed);
    this.start = this.given - done;
    let given = done;
    for (; given < steps; given++, this.given++) {
      const batch = this.ahead ?? (await this.pull());
      this.ahead = undefined;
      if (batch === undefined) break;
      const { data } = batch;
      try {
        yield { data, order: this.orderOf(data.size), rows: data.size, first: 0, times: 1 };
      } finally {
        end(batch);
      }
    }
    if (given === 0) {
      throw new WasmgradError(
        `${this.place}: there is no batch for epoch ${this.epochs}: the generator is at its end; give the function that makes ` +
          'it, so that each epoch can begin anew, or a Dataset',
      );
    }
    if (given < steps && steps !== Infinity) {
      warnOfEnd(this.place, steps, given);
      await this.restart();
    }
  }

  /** Drops the batches that another run took before this one goes on, drawn as they were then. */
  private async replay({ given, random }: Position): Promise<void> {
    const now = saveRandomState();
    if (random) restoreRandomState(random);
    for (; this.given < given; this.given++) {
      const batch = await this.pull();
      if (batch === undefined) break;
      end(batch);
    }
    restoreRandomState(now);
  }

  position(done: number): Position {
    return { given: this.start + done, random: this.begun };
  }

  goOn(position: Position): void {
    this.resumed = position;
  }

  private async pull(): Promise<{ data: Data; given: unknown } | undefined> {
    if (this.iterator === undefined) {
      this.begun = saveRandomState();
      this.iterator = iterate(this.source);
    }
    const { done, value: given } = await this.iterator.next();
    if (done) return undefined;
    try {
      const [x, y, sampleWeight] = partsOf(this.place, given);
      const weighting = { sampleWeight, classWeight: this.classWeight };
      const data = toData(this.place, x, y, this.taker.inputShape(), weighting);
      try {
        this.taker.check(this.place, data);
        return { given, data };
      } catch (error) {
        data.dispose();
        throw error;
      }
    } catch (error) {
      disposeElement(given);
      throw error;
    }
  }

  private orderOf(rows: number): Tensor {
    if (this.order?.size !== rows) {
      this.order?.dispose();
      this.order = rowNumbers(rows);
    }
    return this.order;
  }

  private async restart(): Promise<void> {
    if (this.ahead) end(this.ahead);
    this.ahead = undefined;
    // What the caller made goes on; what was made for this is at its end.
    if (this.iterator !== (this.source as unknown)) await this.iterator?.return?.();
    this.iterator = this.resumed = undefined;
    this.given = 0;
  }

  async dispose(): Promise<void> {
    await this.restart();
    this.order?.dispose();
  }
}

function end({ data, given }: { data: Data; given: unknown }): void {
  data.dispose();
  disposeElement(given);
}

function iterate(source: BatchSource): AsyncIterator<unknown> | Iterator<unknown> {
  const made = typeof source === 'function' ? source() : source;
  return Symbol.asyncIterator in made ? made[Symbol.asyncIterator]() : made[Symbol.iterator]();
}

/** The parts of a batch. @throws if it is none */
function partsOf(place: string, batch: unknown): readonly [Samples, Samples, Samples?] {
  const parts = Array.isArray(batch) ? batch : isNamed(batch) ? [batch.xs, batch.ys, batch.sampleWeight] : [];
  const [x, y] = parts as unknown[];
  if (parts.length < 2 || parts.length > 3) {
    throw new WasmgradError(
      `${place}: expected batches such as { xs, ys } or [x, y], with one row a sample, got ${describe(batch)}`,
    );
  }
  if (typeof y === 'number' || (isTensor(y) && y.rank === 0)) {
    throw new WasmgradError(`${place}: expected batches, got a sample, ${describe(batch)}; give dataset.batch(32)`);
  }
  for (const part of [x, y]) {
    if (!isRow(part)) continue;
    throw new WasmgradError(
      `${place}: expected a tensor or numbers, got values by name, ${describe(part)}; make a list of each sample before it is ` +
        'batched: dataset.map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys) }))',
    );
  }
  return parts as [Samples, Samples, Samples?];
}

function isNamed(batch: unknown): batch is { xs: unknown; ys: unknown; sampleWeight?: unknown } {
  return typeof batch === 'object' && batch !== null && 'xs' in batch && 'ys' in batch;
}

/** Whether it is a row by column, as tables give them. */
function isRow(part: unknown): boolean {
  return typeof part === 'object' && part !== null && !isTensor(part) && !('values' in part) && isPlain(part);
}

function warnOfEnd(place: string, steps: number, given: number): void {
  console.warn(
    `${place}: the data ended after ${given} of ${steps} batches of the epoch, which ends here; let a dataset begin anew by ` +
      '.repeat(), or ask for fewer steps',
  );
}

/** What `fit` is asked to train and validate with. */
export interface FeedOptions {
  batchSize: number | undefined;
  shuffle: boolean;
  stepsPerEpoch: number | undefined;
  weighting: Weighting;
  validationSplit: number;
  validationData: FitArgs['validationData'];
  validationBatchSize: number | undefined;
  validationSteps: number | undefined;
}

/** The feeds of a run; `own` is told of what is to be disposed of after it. */
export function openFeeds(
  x: Samples | BatchSource,
  y: Samples | undefined,
  options: FeedOptions,
  taker: Taker,
  own: (made: { dispose(): void | Promise<void> }) => void,
): { feed: Feed; validation: Feed | undefined } {
  const owned = <T extends Feed>(feed: T): T => (own(feed), feed);
  const { batchSize, shuffle, stepsPerEpoch, weighting, validationSplit, validationData, validationSteps } = options;
  const validating = (data: Data) => owned(new TensorFeed(data, options.validationBatchSize, false, validationSteps));
  const ofStream = (place: string, source: BatchSource, steps: number | undefined, classWeight?: ClassWeight) =>
    owned(new StreamFeed(place, source, taker, classWeight, steps));

  const openValidation = (): Feed | undefined => {
    if (validationData === undefined) return undefined;
    const place = 'fit: validationData';
    if (!Array.isArray(validationData)) return ofStream(place, validationData as BatchSource, validationSteps);
    const [x, y, sampleWeight] = validationData as [Samples, Samples, Samples?];
    return validating(toData(place, x, y, taker.inputShape(), { sampleWeight }));
  };

  if (isBatchSource(x)) {
    return { feed: ofStream('fit', x, stepsPerEpoch, weighting.classWeight), validation: openValidation() };
  }
  const training = (data: Data) => owned(new TensorFeed(data, batchSize, shuffle, stepsPerEpoch));
  const data = toData('fit', x, y as Samples, taker.inputShape(), weighting);
  if (validationData !== undefined || validationSplit === 0) {
    return { feed: training(data), validation: openValidation() };
  }
  own(data);
  const at = splitPoint('fit', data.size, validationSplit);
  return { feed: training(data.slice(0, at)), validation: validating(data.slice(at, data.size)) };
}
