// wasmgrad for Node, Deno and Bun.
import './core/load.node.js';

export * from './api.js';
