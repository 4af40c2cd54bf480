// The relaxed lane: Node 20 has it behind a flag that can still be set here.
import { setFlagsFromString } from 'node:v8';

if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
