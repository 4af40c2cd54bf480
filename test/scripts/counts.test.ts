import { expect, test } from 'vitest';
import { cargoCounts, vitestCounts } from '../../scripts/lib/counts.mjs';

test('every summary of cargo test counts', () => {
  const output = [
    'running 3 tests',
    'test gemm::tests::tails ... FAILED',
    'test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 0.01s',
    'test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s',
  ];
  expect(cargoCounts(output.join('\n'))).toEqual({ passed: 7, failed: 1, skipped: 4 });
});

test('the summary of nextest counts, and what it adds in brackets does not', () => {
  const output = [
    '        PASS [   0.006s] (1/9) wasmgrad-kernels reduce::tests::sums',
    '     Summary [   1.204s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 2 skipped',
    '        FAIL [   0.006s] wasmgrad-kernels reduce::tests::means',
  ];
  expect(cargoCounts(output.join('\n'))).toEqual({ passed: 7, failed: 2, skipped: 2 });
});

test('skipped and planned tests of vitest count as skipped', () => {
  const report = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
  expect(vitestCounts(report)).toEqual({ passed: 3, failed: 1, skipped: 3 });
});
