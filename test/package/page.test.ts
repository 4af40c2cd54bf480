import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { build, createServer, preview, type InlineConfig } from 'vite';
import { CHROMIUM_FLAGS } from '../../scripts/lib/runtimes.mjs';
import { expectTrained, makeProject } from './project.js';

const executablePath = inject('chromium');

/** Bytes of gzip of all that a page downloads for Sequential and Dense; docs/decisions/size.md says what they are. */
const BUDGET = 160_500;

describe.skipIf(!executablePath)('a page of Vite in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  });
  afterAll(() => browser?.close());

  test('from the development server', async () => {
    const server = await (await createServer(await configOf('vite'))).listen();
    const { result, downloads } = await visit(server.resolvedUrls!.local[0]!, server);
    expectTrained(result);
    expect(modulesIn(downloads), 'downloads one build, in parts').toHaveLength(2);
  });

  test('built for production', async () => {
    const { result, downloads } = await visitBuilt('vite');
    expectTrained(result);
    expect(modulesIn(downloads), 'downloads one build, in parts').toHaveLength(2);
  });

  test('wasmgrad/core trains within its budget and without further families, of which it tells', async () => {
    const { result, downloads } = await visitBuilt('core');
    const { losses, messages } = result as { losses: number[]; messages: string[] };
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    const told = 'sin: it is no part of wasmgrad/core; import from wasmgrad instead';
    expect(messages).toEqual([told, told]);
    expect(modulesIn(downloads)).toEqual([expect.stringContaining('core-')]);
    expect(
      downloads.filter(({ body }) => body.includes('Discretization')),
      'layers that it does not name',
    ).toEqual([]);
    const bytes = downloads.map(({ body }) => gzipSync(body, { level: 9 }).length);
    expect(bytes.reduce((sum, length) => sum + length)).toBeLessThan(BUDGET);
  });

  async function visitBuilt(fixture: string): Promise<Visit> {
    const config = await configOf(fixture);
    await build(config);
    const server = await preview(config);
    return visit(server.resolvedUrls!.local[0]!, server);
  }

  /** What a page gives as `globalThis.result`, and all that it downloaded for it. */
  async function visit(url: string, server: { close(): Promise<void> }): Promise<Visit> {
    const page = await browser.newPage();
    try {
      const responses: Response[] = [];
      page.on('response', (response) => responses.push(response));
      const failure = new Promise<never>((_, reject) => page.on('pageerror', reject));
      const finished = async () => {
        await page.goto(url);
        return (await page.waitForFunction('globalThis.result')).jsonValue();
      };
      const result = await Promise.race([finished(), failure]);
      const ok = responses.filter((response) => response.ok());
      const downloads = ok.map(async (response) => ({ url: response.url(), body: await response.body() }));
      return { result, downloads: await Promise.all(downloads) };
    } finally {
      await page.close();
      await server.close();
    }
  }
});

interface Visit {
  result: unknown;
  downloads: { url: string; body: Buffer }[];
}

async function configOf(fixture: string): Promise<InlineConfig> {
  const server = { host: '127.0.0.1', port: 0 };
  return { root: await makeProject(fixture), configFile: false, logLevel: 'error', server, preview: server };
}

/** The addresses of the WebAssembly modules. */
function modulesIn(downloads: Visit['downloads']): string[] {
  return downloads.map(({ url }) => url).filter((url) => /(core|extra)-(strict|relaxed)/.test(url));
}
