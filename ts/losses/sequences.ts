// The loss of sequences whose labels have no places.
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import { toInt } from '../tensor/words.js';
import { lossOf } from './loss.js';
import { SEQUENCES } from './targets.js';

/**
 * -log of the probability that logits (samples, steps, classes) tell the labels (samples, length): class 0 is the blank
 * between labels, and fills the rows of labels up. Connectionist temporal classification.
 */
export const CTC = lossOf('CTC', {}, (y, p) => run(ops.ctc, [run(ops.logSoftmax, [p]), toInt(y)]), {
  targets: SEQUENCES,
});
