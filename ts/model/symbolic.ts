// What a model says about its inputs and outputs.
import type { BatchSpec } from '../layers/layer.js';

/** An input or an output of a model: its name and type, without values. The batch dimension is `null`. */
export interface SymbolicTensor extends BatchSpec {
  readonly name: string;
}
