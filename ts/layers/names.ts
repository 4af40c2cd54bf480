// Names that layers and models get when they are given none, as Keras numbers them.
import { snakeCase } from '../core/registry.js';

const counts = new Map<string, number>();

/** `dense`, then `dense_1`, `dense_2`, …: the class's name in snake case, numbered over the whole program. */
export function uniqueName(className: string): string {
  const base = snakeCase(className);
  const count = counts.get(base) ?? 0;
  counts.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

/** Starts counting anew, as Keras's `clear_session`. */
export function resetNames(): void {
  counts.clear();
}
