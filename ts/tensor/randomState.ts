// What random tensors are drawn from.
import { blockFor, blockStart, check, heap, seam } from '../core/core.js';
import { create, viewOf } from './run.js';
import { Tensor } from './tensor.js';

/** (seed, counter); each draw counts up by one. */
export function stateOf(seed: number): Tensor {
  return create([2], 'int32', (view) => view.set([seed, 0]));
}

/** The state of all draws without a seed: made when first asked for, never disposed of, and nobody's tensor to count. */
class SharedState extends Tensor {
  private isSeeded = false;
  /** How often it was asked for. */
  uses = 0;

  constructor() {
    super(0, [2], 'int32');
  }

  override get isDisposed(): boolean {
    return false;
  }

  override get handle(): number {
    this.uses++;
    this.begin();
    return this.id;
  }

  /** Takes a seed, unless it has one. */
  begin(): void {
    if (this.isSeeded) return;
    const seed = check(seam.random_next_seed());
    this.isSeeded = true;
    // Programs may hold it, so it stays the same tensor when it begins anew.
    if (this.id === 0) this.id = stateOf(seed).surrender();
    else viewOf(this.id, 2, 'int32').set([seed, 0]);
  }

  /** The next draw begins with a new seed. */
  beginAnew(): void {
    this.isSeeded = false;
  }

  /** Seed and counter, if it has them. */
  save(): Int32Array {
    return this.isSeeded ? Int32Array.from(viewOf(this.id, 2, 'int32')) : new Int32Array();
  }

  /** Goes on where `save` found it. */
  restore(saved: Int32Array): void {
    this.beginAnew();
    if (saved.length === 0) return;
    if (this.id === 0) this.id = stateOf(0).surrender();
    viewOf(this.id, 2, 'int32').set(saved);
    this.isSeeded = true;
  }
}

/** What functions without a seed draw from. */
export const sharedState = new SharedState();

/** Where all random draws stand that `setSeed` begins anew. */
export function saveRandomState(): Int32Array {
  const words = check(seam.random_save());
  const streams = heap().slice(blockStart(), blockStart() + words);
  return Int32Array.of(...streams, ...sharedState.save());
}

/** Draws go on where `saveRandomState` found them. */
export function restoreRandomState(saved: Int32Array): void {
  const words = check(seam.random_save());
  const block = blockFor(words);
  heap().set(saved.subarray(0, words), block);
  check(seam.random_restore());
  sharedState.restore(saved.slice(words));
}
