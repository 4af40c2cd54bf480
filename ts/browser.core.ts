// wasmgrad/core for pages: the same library, and the one family of ops of which all of Keras's API is made.
import { loadFamilies } from './core/load.browser.js';

export * from './api.js';

await loadFamilies('core');
