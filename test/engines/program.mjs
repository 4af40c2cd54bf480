// For engines with a command line: `program.mjs THREADS [wide]`.
import * as wg from '../../dist/index.js';
import { train } from './train.js';

console.log(JSON.stringify(await train(wg, Number(process.argv[2]), process.argv[3] === 'wide')));
