// The optimizers: `new wg.optimizers.Adam({ learningRate: 0.01 })`.
export { Adadelta, Adagrad } from './adagrad.js';
export { Adam, Adamax, AdamW, Lion, Nadam } from './adam.js';
export { Ftrl } from './ftrl.js';
export { Adafactor, Lamb, Muon } from './layerwise.js';
export { Optimizer } from './optimizer.js';
export type { OptimizerIdentifier } from './registry.js';
export { RMSprop } from './rmsprop.js';
export * as schedules from '../schedules/index.js';
export { SGD } from './sgd.js';
