// Forward passes: a call of a layer or model outside of any other, with all calls in it.
import { currentTrace } from '../compile.js';
import type { Tensor } from '../tensor/tensor.js';

interface Pass {
  /** The trace to which its tensors belong, or 0. */
  readonly trace: number;
  /** What all layers add to the loss. */
  readonly losses: Tensor[];
}

let current: Pass | undefined;

/** Calls `f` as a pass of its own. */
export function newPass<T>(f: () => T): T {
  const outer = current;
  current = { trace: currentTrace(), losses: [] };
  try {
    return f();
  } finally {
    current = outer;
  }
}

/** A layer's part of the last pass in which it was called, with what it added to the loss there. */
export class Part {
  private pass: Pass | undefined;
  private losses: Tensor[] = [];

  /** Calls `f` as a part of the pass that runs, or of a new one. What the layer added in another pass ends. */
  run<T>(f: () => T): T {
    if (current === undefined) return newPass(() => this.run(f));
    if (this.pass !== current) this.clear();
    this.pass = current;
    return f();
  }

  /** Whether the layer runs. */
  get isOpen(): boolean {
    return current !== undefined && this.pass === current;
  }

  /** Takes over a tensor, as an addition to the loss. */
  add(loss: Tensor): void {
    this.losses.push(loss);
    current!.losses.push(loss);
  }

  /** What all layers added in its pass. */
  get together(): readonly Tensor[] {
    return this.pass?.losses ?? [];
  }

  /** What it added, if it was a part of the same pass as `other`, and as long as that lives. */
  lossesWith(other: Part): Tensor[] {
    const { pass } = this;
    if (pass === undefined || pass !== other.pass || pass.trace !== currentTrace()) return [];
    return this.losses.filter(({ isDisposed }) => !isDisposed);
  }

  /** Frees what it added. */
  clear(): void {
    for (const loss of this.losses) loss.dispose();
    this.losses = [];
    this.pass = undefined;
  }
}
