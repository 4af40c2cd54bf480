// Initializers by name.
import { Kind, type Identifier } from '../identifiers.js';
import { Constant, Identity, Ones, Zeros } from './constant.js';
import { CustomInitializer, Initializer, type InitializerFunction } from './initializer.js';
import { Orthogonal } from './orthogonal.js';
import { RandomNormal, RandomUniform, TruncatedNormal } from './random.js';
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LeCunNormal,
  LeCunUniform,
  VarianceScaling,
} from './scaling.js';

/** A name, an initializer, a function, or `{ className, config }` as a file holds it. */
export type InitializerIdentifier = Identifier<Initializer, InitializerFunction>;

const CLASSES = {
  zeros: Zeros,
  zero: Zeros,
  ones: Ones,
  one: Ones,
  constant: Constant,
  identity: Identity,
  randomUniform: RandomUniform,
  uniform: RandomUniform,
  randomNormal: RandomNormal,
  normal: RandomNormal,
  truncatedNormal: TruncatedNormal,
  varianceScaling: VarianceScaling,
  glorotUniform: GlorotUniform,
  glorotNormal: GlorotNormal,
  heUniform: HeUniform,
  heNormal: HeNormal,
  leCunUniform: LeCunUniform,
  leCunNormal: LeCunNormal,
  orthogonal: Orthogonal,
};

export const INITIALIZERS = new Kind<Initializer, InitializerFunction>(
  'initializer',
  Initializer,
  CLASSES,
  'apply(shape, dtype), which gives new values',
  (f) => new CustomInitializer(f),
);

/**
 * The two initializers that a layer takes: none draws its seed before both are known.
 * @throws on an unknown name, with the nearest one.
 */
export function getInitializers(
  place: string,
  kernel: InitializerIdentifier,
  bias: InitializerIdentifier,
): [kernel: Initializer, bias: Initializer] {
  const [makeKernel, makeBias] = [INITIALIZERS.maker(place, kernel), INITIALIZERS.maker(place, bias)];
  return [makeKernel(), makeBias()];
}
