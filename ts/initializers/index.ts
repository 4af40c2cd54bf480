// The initializers, and tfjs's functions that make them: `wg.initializers.heNormal({ seed: 1 })`.
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

export type { InitializerIdentifier } from './registry.js';
export { Constant, Identity, Initializer, Ones, Zeros };
export { RandomNormal, RandomUniform, TruncatedNormal };
export { GlorotNormal, GlorotUniform, HeNormal, HeUniform, LeCunNormal, LeCunUniform, Orthogonal, VarianceScaling };
export { LeCunNormal as LecunNormal, LeCunUniform as LecunUniform };

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
