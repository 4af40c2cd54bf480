import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { build, createServer, preview, type InlineConfig } from 'vite';
import { CHROMIUM_FLAGS } from '../../scripts/lib/runtimes.mjs';
import { expectTrained, makeProject } from './project.js';

const executablePath = inject('chromium');

describe.skipIf(!executablePath)('a page of Vite in Chromium', () => {
  let browser: Browser;
  let config: InlineConfig;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
    const server = { host: '127.0.0.1', port: 0 };
    config = { root: await makeProject('vite'), configFile: false, logLevel: 'error', server, preview: server };
  });
  afterAll(() => browser?.close());

  test('from the development server', async () => {
    const server = await (await createServer(config)).listen();
    try {
      await expectPageTrains(server.resolvedUrls!.local[0]!);
    } finally {
      await server.close();
    }
  });

  test('built for production', async () => {
    await build(config);
    const server = await preview(config);
    try {
      await expectPageTrains(server.resolvedUrls!.local[0]!);
    } finally {
      await server.close();
    }
  });

  async function expectPageTrains(url: string): Promise<void> {
    const page = await browser.newPage();
    const modules = requested(page, /(core|extra)-(strict|relaxed)/);
    const failure = new Promise<never>((_, reject) => page.on('pageerror', reject));
    const trained = async () => {
      await page.goto(url);
      return (await page.waitForFunction('globalThis.result')).jsonValue();
    };
    expectTrained(await Promise.race([trained(), failure]));
    expect(modules, 'downloads one build, in parts').toHaveLength(2);
    await page.close();
  }
});

/** The addresses that a page asks for and that match a pattern, as they come. */
function requested(page: Page, pattern: RegExp): string[] {
  const urls: string[] = [];
  page.on('request', (request) => pattern.test(request.url()) && urls.push(request.url()));
  return urls;
}
