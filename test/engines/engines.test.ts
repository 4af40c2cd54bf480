// Deterministic mode: the same bits on every engine, with any number of threads.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '../../scripts/lib/paths.mjs';
import { CHROMIUM_FLAGS, findBun, findChromium, findDeno, findNode } from '../../scripts/lib/runtimes.mjs';

interface Result {
  hash: string;
  threads: number;
  isolated?: boolean;
}

const program = at('test', 'engines', 'program.mjs');

async function runIn(path: string, ...args: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(path, args);
  return JSON.parse(stdout) as Result;
}

let expected: string;
beforeAll(async () => {
  ({ hash: expected } = await runIn(process.execPath, program, '1'));
});

const engines: [name: string, path: string, ...options: string[]][] = [
  ['Node 20', findNode(20)],
  ['Node 22', findNode(22)],
  ['Node 24', findNode(24)],
  ['Node 26', findNode(26)],
  ['Deno', findDeno(), 'run', '--allow-read', '--no-lock'],
  ['Bun', findBun()],
];

describe.each(engines)('%s', (_, path, ...options) => {
  test.skipIf(!path).each([1, 2])('with %i threads', async (threads) => {
    expect(await runIn(path, ...options, program, String(threads))).toEqual({ hash: expected, threads });
  });
});

const [, , [, node24], [, node26]] = engines as [unknown, unknown, [string, string], [string, string]];

describe.each([
  ['Node 24', node24],
  ['Node 26', node26],
])('vectors of 256 bits in %s', (_, path) => {
  test.skipIf(!path || process.arch !== 'x64')('change no bit', async () => {
    expect(await runIn(path, program, '2', 'wide')).toEqual({ hash: expected, threads: 2 });
  });
});

test('an engine without wider vectors says so', async () => {
  const [, bun] = engines.at(-1)!;
  const others = [findNode(20), bun].filter(Boolean);
  const ran = await Promise.allSettled(others.map((path) => runIn(path, program, '1', 'wide')));
  for (const { reason } of ran as PromiseRejectedResult[]) {
    expect(String(reason)).toContain(
      'enableWideVectors: it takes Node 24 or later; leave the call out here, results are the same without it',
    );
  }
});

const executablePath = findChromium();

describe.skipIf(!executablePath)('Chromium', () => {
  let browser: Browser;
  const servers: Server[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
  });

  test.each([
    ['isolated', 1, 1],
    ['isolated', 2, 2],
    ['ordinary', 2, 1],
  ])('an %s page that asks for %i threads has %i', async (kind, asked, threads) => {
    const isolated = kind === 'isolated';
    const url = await serve(isolated);
    const page = await browser.newPage();
    const failure = new Promise<never>((_, reject) => page.on('pageerror', reject));
    const result = async () => {
      await page.goto(`${url}/test/engines/page.html?threads=${asked}`);
      return (await page.waitForFunction('globalThis.result')).jsonValue();
    };
    expect(await Promise.race([result(), failure])).toEqual({ hash: expected, threads, isolated });
    await page.close();
  });

  /** Serves the work tree. Memory is shared between the threads of a page only if its headers isolate it. */
  async function serve(isolated: boolean): Promise<string> {
    const types: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' };
    const isolation = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    const server = createServer(async ({ url }, response) => {
      const { pathname } = new URL(url!, 'http://localhost');
      const body = await readFile(at(`.${pathname}`)).catch(() => undefined);
      const headers = { 'Content-Type': types[extname(pathname)] ?? 'text/plain', ...(isolated ? isolation : {}) };
      response.writeHead(body ? 200 : 404, headers).end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});
