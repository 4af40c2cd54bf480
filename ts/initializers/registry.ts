// Initializers by name.
import { Registry } from '../core/registry.js';
import { deserialize, type ConfigDict } from '../serialization.js';
import { Constant, Identity, Ones, Zeros } from './constant.js';
import { Initializer } from './initializer.js';
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

/** A name, an initializer, or `{ className, config }` as a file holds it. */
export type InitializerIdentifier = string | Initializer | { className: string; config: ConfigDict };

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
  const isRecord = typeof identifier === 'object' && typeof identifier?.className === 'string';
  // A class of the user's own, as a file names it.
  if (isRecord && !initializers.has(identifier.className)) return () => deserialize<Initializer>(place, identifier);
  const [name, config] = isRecord ? [identifier.className, identifier.config] : [identifier as string];
  const initializer = initializers.get(place, name);
  return () => new initializer(config as never);
}

/** An initializer as a file holds it. */
export function serializeInitializer(initializer: Initializer): { className: string; config: ConfigDict } {
  return { className: initializer.getClassName(), config: initializer.getConfig() };
}
