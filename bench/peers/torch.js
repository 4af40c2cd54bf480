// PyTorch in a process of its own, where python3 has it.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env.PYTHON ?? 'python3';

/** The PyTorch side, or undefined where `import torch` fails. */
export async function startTorch(threads) {
  if (spawnSync(PYTHON, ['-c', 'import torch']).status !== 0) return undefined;
  const script = fileURLToPath(new URL('pytorch.py', import.meta.url));
  const child = spawn(PYTHON, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  const ask = (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    return answer();
  };
  const { version } = await answer();
  let work;
  return {
    version,
    stop: () => child.kill(),
    /** A side for this work. The child holds one work at a time. */
    side(spec) {
      const begin = async () => {
        if (work !== spec) await ask(spec);
        work = spec;
      };
      return {
        begin,
        run: async (count) => (await ask({ count })).seconds,
        values: async (count) => (await begin(), (await ask({ count, values: true })).values),
      };
    },
  };
}
