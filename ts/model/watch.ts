// An eye on the loss: one warning when it is not finite, and training goes on as in Keras.
import type { Argument, Program } from '../compile.js';
import { inPlace, OutOfMemoryError } from '../core/errors.js';
import { findNonFinite, type Data } from './data.js';
import { DATA, parts } from './programs.js';

export class Watch {
  private warned = false;
  /** Whether a run has just found a loss that is not finite. */
  found = false;

  /** @param place who trains: `fit` */
  constructor(private readonly place: string) {}

  /**
   * Runs a training program `count` times, or up to the first loss that is not finite: after
   * the warning that time is finished too. Gives the number of times that were finished.
   * @param when what to call a time in the warning
   */
  run(program: Program, args: readonly Argument[], data: Data, count: number, when: (step: number) => string): number {
    const finished = inPlace(this.place, () => program.run(args, 0, count, !this.warned));
    if (finished === count) return finished;
    this.warned = this.found = true;
    console.warn(
      `${this.place}: the loss is not finite${when(finished)}${origin(program, args, data, finished)}. Numbers ` +
        'that are finite, a smaller learning rate, or inputs scaled to about [-1, 1] are the usual mend.',
    );
    program.resume(args, finished);
    return finished + 1;
  }
}

/** Where the first value that is not finite came from, in words. */
function origin(program: Program, args: readonly Argument[], data: Data, step: number): string {
  let found: ReturnType<Program['locate']>;
  try {
    found = program.locate(args, step);
  } catch (error) {
    // The search needs memory of its own; the step must be finished without it too.
    if (error instanceof OutOfMemoryError) return '';
    throw error;
  }
  if (found === undefined) return '';
  const { scope, op } = found;
  if (scope === DATA) {
    const names = ['x', 'y', 'sampleWeight'];
    const places = parts(data).map((part, i) => findNonFinite(names[i]!, part));
    return `: the data are not: ${places.find((place) => place !== undefined)}`;
  }
  const owner = scope === '' ? 'the loss' : `layer "${scope}"`;
  return `; the first value that is not finite came from op "${op}" of ${owner}`;
}
