// How many tests a runner says it ran.

/** Sums up every `cargo test` or `cargo nextest` summary in an output. */
export function cargoCounts(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of output.split('\n')) {
    if (!/^(test result:| *Summary \[)/.test(line)) continue;
    for (const [, count, kind] of line.matchAll(/(\d+) (passed|failed|ignored|skipped|timed out)/g)) {
      counts[{ ignored: 'skipped', 'timed out': 'failed' }[kind] ?? kind] += Number(count);
    }
  }
  return counts;
}

/** The counts in a report of vitest's JSON reporter. */
export const vitestCounts = ({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) => ({
  passed: numPassedTests,
  failed: numFailedTests,
  skipped: numPendingTests + numTodoTests,
});
