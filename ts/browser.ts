// wasmgrad for pages.
import './core/load.browser.js';

export * from './api.js';
