// A run that is killed, at whatever moment, and begun again ends with the bits of a run that was not.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('resumed.mjs', import.meta.url));
const EPOCHS = '8';

/** What the program prints; nothing, if it is killed after so many milliseconds before it ends. */
function run(path: string, ms?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, path, EPOCHS], { stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), ms);
    let [printed, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (printed += String(chunk)));
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      if (errors === '') resolve(printed.trim());
      else reject(new Error(errors));
    });
  });
}

test('killed again and again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-resumed-'));
  try {
    const whole = await run(join(folder, 'whole'));
    expect(whole).toMatch(/^[0-9a-f]{64}$/);
    const path = join(folder, 'cut');
    // Longer and longer, so that it comes to an end; each time something of the run is done that is not done again.
    let [result, kills] = ['', 0];
    for (let ms = 100; result === ''; ms += 17) {
      result = await run(path, ms);
      if (result === '') kills++;
    }
    expect(kills).toBeGreaterThan(0);
    expect(result).toBe(whole);
    // Of the file that was being written when it was killed a part may lie beside; the checkpoint itself is gone.
    expect(readdirSync(folder).filter((name) => !name.endsWith('.tmp'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
