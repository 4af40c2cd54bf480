// The initializers by name, and tfjs's functions that make them: `wg.initializers.heNormal({ seed: 1 })`.
import { Registry } from '../core/registry.js';
import type { ConfigDict } from '../serialization.js';
import { Constant, type ConstantArgs, Identity, type IdentityArgs, Ones, Zeros } from './constant.js';
import { Initializer, type SeedArgs } from './initializer.js';
import { Orthogonal, type OrthogonalArgs } from './orthogonal.js';
import { type NormalArgs, RandomNormal, RandomUniform, TruncatedNormal, type UniformArgs } from './random.js';
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LeCunNormal,
  LeCunUniform,
  VarianceScaling,
  type VarianceScalingArgs,
} from './scaling.js';

export { Constant, Identity, Initializer, Ones, Zeros };
export { RandomNormal, RandomUniform, TruncatedNormal };
export { GlorotNormal, GlorotUniform, HeNormal, HeUniform, LeCunNormal, LeCunUniform, Orthogonal, VarianceScaling };

/** A name, an initializer, or `{ className, config }` as a file holds it. */
export type InitializerIdentifier = string | Initializer | { className: string; config: ConfigDict };

export const zeros = () => new Zeros();
export const ones = () => new Ones();
export const constant = (args?: ConstantArgs) => new Constant(args);
export const identity = (args?: IdentityArgs) => new Identity(args);
export const randomUniform = (args?: UniformArgs) => new RandomUniform(args);
export const randomNormal = (args?: NormalArgs) => new RandomNormal(args);
export const truncatedNormal = (args?: NormalArgs) => new TruncatedNormal(args);
export const varianceScaling = (args?: VarianceScalingArgs) => new VarianceScaling(args);
export const glorotUniform = (args?: SeedArgs) => new GlorotUniform(args);
export const glorotNormal = (args?: SeedArgs) => new GlorotNormal(args);
export const heUniform = (args?: SeedArgs) => new HeUniform(args);
export const heNormal = (args?: SeedArgs) => new HeNormal(args);
export const leCunUniform = (args?: SeedArgs) => new LeCunUniform(args);
export const leCunNormal = (args?: SeedArgs) => new LeCunNormal(args);
export const orthogonal = (args?: OrthogonalArgs) => new Orthogonal(args);

type InitializerClass = new (config?: never) => Initializer;

const initializers = new Registry<InitializerClass>('initializer', {
  zeros: Zeros,
  ones: Ones,
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
});

/**
 * The initializer of a name.
 * @throws on an unknown name, with the nearest one.
 */
export function getInitializer(place: string, identifier: InitializerIdentifier): Initializer {
  return maker(place, identifier)();
}

/**
 * As `getInitializer`, for the two that a layer takes: none draws its seed before both are known.
 * @throws on an unknown name, with the nearest one.
 */
export function getInitializers(
  place: string,
  kernel: InitializerIdentifier,
  bias: InitializerIdentifier,
): [kernel: Initializer, bias: Initializer] {
  const [makeKernel, makeBias] = [maker(place, kernel), maker(place, bias)];
  return [makeKernel(), makeBias()];
}

function maker(place: string, identifier: InitializerIdentifier): () => Initializer {
  if (identifier instanceof Initializer) return () => identifier;
  const [name, config] = typeof identifier === 'object' ? [identifier.className, identifier.config] : [identifier];
  const initializer = initializers.get(place, name);
  return () => new initializer(config as never);
}

/** An initializer as a file holds it. */
export function serializeInitializer(initializer: Initializer): { className: string; config: ConfigDict } {
  return { className: initializer.getClassName(), config: initializer.getConfig() };
}
