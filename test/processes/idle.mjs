// Uses threads, rests, and ends without a call. Prints the milliseconds of processor time that the rest took.
import * as wg from '../../dist/index.js';

wg.setThreads(4);
const x = wg.randomUniform([1024, 1024]);
for (let i = 0; i < 40; i++) x.matMul(x).dispose();
// What still spins goes to sleep meanwhile.
await new Promise((resolve) => setTimeout(resolve, 50));
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, 500));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ ms: (user + system) / 1000 }));
