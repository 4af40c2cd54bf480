// wasmgrad for pages.
import { loadFamilies } from './core/load.browser.js';

export * from './api.js';

await loadFamilies('core', 'extra');
