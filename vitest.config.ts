import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

// What readers run, as they run it: on dist/, in processes of their own.
const documents = ['test/examples.test.ts', 'test/docs.test.ts'];
// Programs on dist/ that a test watches from outside.
const processes = ['test/processes/*.test.ts', 'test/engines/*.test.ts'];

// Both lanes run one suite: a setup file decides what the loader finds.
const lane = (name: 'strict' | 'relaxed') => ({
  extends: true as const,
  test: {
    name,
    include: ['test/**/*.test.ts'],
    exclude: ['test/package/**', ...processes, ...documents],
    setupFiles: [`test/setup/${name}.ts`, 'test/setup/leaks.ts'],
  },
});

export default defineConfig({
  define: { WASM_FOLDER: '"../../build/"', VERSION: JSON.stringify(manifest.version) },
  test: {
    projects: [
      lane('strict'),
      lane('relaxed'),
      { extends: true, test: { name: 'processes', include: processes, testTimeout: 60_000 } },
      { extends: true, test: { name: 'documents', include: documents, testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/*.test.ts'],
          globalSetup: 'test/package/setup.ts',
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
