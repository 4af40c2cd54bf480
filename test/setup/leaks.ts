// The leak guard: a test leaves as many tensors, and as much memory, as it found.
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { memory, randomUniform } from '../../ts/index.js';

/** What the garbage collector frees counts as left behind too. */
function held() {
  const { numTensors, numCollected, numDataBuffers } = memory();
  return { tensors: numTensors + numCollected, buffers: numDataBuffers + numCollected };
}

// The first draw makes the state that all later ones share.
beforeAll(() => randomUniform([1]).dispose());

declare module 'vitest' {
  interface TaskMeta {
    /** How many tensors the test leaves to the garbage collector on purpose. */
    lost?: number;
  }
}

let before: ReturnType<typeof held>;

beforeEach(() => {
  before = held();
});

afterEach(({ task }) => {
  // A test that failed may have left anything; one report is enough.
  if (task.result?.state === 'fail') return;
  const { lost = 0 } = task.meta;
  const expected = { tensors: before.tensors + lost, buffers: before.buffers + lost };
  expect(held(), 'tensors and buffers that the test left behind').toEqual(expected);
});
