// The layers: `wg.layers.dense({ units: 1 })` and so on.
import { Dense, type DenseArgs } from './dense.js';
import { Layer } from './layer.js';
import { CategoryEncoding, type CategoryEncodingArgs } from './preprocessing/categoryEncoding.js';
import { Discretization, type DiscretizationArgs } from './preprocessing/discretization.js';
import { Hashing, type HashingArgs } from './preprocessing/hashing.js';
import { IntegerLookup, type IntegerLookupArgs } from './preprocessing/integerLookup.js';
import { Normalization, type NormalizationArgs } from './preprocessing/normalization.js';
import { Rescaling, type RescalingArgs } from './preprocessing/rescaling.js';
import { StringLookup, type StringLookupArgs } from './preprocessing/stringLookup.js';
import { TextVectorization, type TextVectorizationArgs } from './preprocessing/textVectorization.js';
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

export { Activation, Dense, Dropout, Flatten, InputLayer, Layer, Reshape };
export { CategoryEncoding, Discretization, Hashing, IntegerLookup, Normalization, Rescaling };
export { StringLookup, TextVectorization };

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

/** y = (x - mean) / sqrt(variance), of what it was adapted to or given. */
export const normalization = (args?: NormalizationArgs) => new Normalization(args);
/** y = x scale + offset. */
export const rescaling = (args: RescalingArgs) => new Rescaling(args);
/** The number of the bin that each number falls into. */
export const discretization = (args: DiscretizationArgs) => new Discretization(args);
/** Categories 0 … numTokens - 1 as vectors. */
export const categoryEncoding = (args: CategoryEncodingArgs) => new CategoryEncoding(args);
/** Whole numbers by their index in a vocabulary. */
export const integerLookup = (args?: IntegerLookupArgs) => new IntegerLookup(args);
/** Texts by their index in a vocabulary; outside of models. */
export const stringLookup = (args?: StringLookupArgs) => new StringLookup(args);
/** Texts as sequences of token numbers or as vectors; outside of models. */
export const textVectorization = (args?: TextVectorizationArgs) => new TextVectorization(args);
/** Texts or whole numbers by a hash; outside of models. */
export const hashing = (args: HashingArgs) => new Hashing(args);
