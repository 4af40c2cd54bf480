// The layers that files name.
import { registerMissing } from '../serialization.js';
import { Dense } from './dense.js';
import { CategoryEncoding } from './preprocessing/categoryEncoding.js';
import { Discretization } from './preprocessing/discretization.js';
import { IntegerLookup } from './preprocessing/integerLookup.js';
import { Normalization } from './preprocessing/normalization.js';
import { Rescaling } from './preprocessing/rescaling.js';
import { Activation, Dropout, Flatten, InputLayer, Reshape } from './simple.js';

/** Makes them known. Called by what reads files, so that a page that reads none has the layers alone that it names. */
export function registerLayers(): void {
  registerMissing([Dense, Activation, Dropout, Flatten, InputLayer, Reshape]);
  // Those of texts are never a part of a model.
  registerMissing([Normalization, Rescaling, Discretization, CategoryEncoding, IntegerLookup]);
}
