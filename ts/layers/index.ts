// The layers: `wg.layers.dense({ units: 1 })` and so on.
import { registerClass } from '../serialization.js';
import { Dense, type DenseArgs } from './dense.js';
import { Layer } from './layer.js';
import {
  Activation,
  type ActivationArgs,
  Dropout,
  type DropoutArgs,
  Flatten,
  type FlattenArgs,
  InputLayer,
  type InputLayerArgs,
  Reshape,
  type ReshapeArgs,
} from './simple.js';

for (const layer of [Dense, Activation, Dropout, Flatten, InputLayer, Reshape]) registerClass(layer);

export { Activation, Dense, Dropout, Flatten, InputLayer, Layer, Reshape };

/** y = activation(x kernel + bias). */
export const dense = (args: DenseArgs) => new Dense(args);
/** y = activation(x). */
export const activation = (args: ActivationArgs) => new Activation(args);
/** In training each input is dropped with probability `rate`. */
export const dropout = (args: DropoutArgs) => new Dropout(args);
/** (batch, …) -> (batch, all the rest). */
export const flatten = (args?: FlattenArgs) => new Flatten(args);
/** States the shape and dtype of the inputs. */
export const inputLayer = (args: InputLayerArgs) => new InputLayer(args);
/** (batch, …) -> (batch, ...targetShape). */
export const reshape = (args: ReshapeArgs) => new Reshape(args);
