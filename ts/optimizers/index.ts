// The optimizers: `new wg.optimizers.Adam({ learningRate: 0.01 })`.
export { Adagrad } from './adagrad.js';
export { Adam, AdamW } from './adam.js';
export { Optimizer } from './optimizer.js';
export type { OptimizerIdentifier } from './registry.js';
export { RMSprop } from './rmsprop.js';
export { SGD } from './sgd.js';
