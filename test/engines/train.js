// One model, trained the same way wherever it runs: what the weights are in the end, as a hash.

/**
 * @param wg the library; @param threads how many it may use; @param wide whether to ask for wider vectors
 * @returns `{ hash, threads }`: the threads that it does use
 */
export async function train(wg, threads, wide = false) {
  await wg.setDeterministic(true);
  if (wide) wg.enableWideVectors();
  wg.setThreads(threads);
  wg.setSeed(11);
  const model = wg.sequential();
  model.add(wg.layers.dense({ units: 384, activation: 'gelu', inputShape: [96] }));
  model.add(wg.layers.dropout({ rate: 0.1 }));
  model.add(wg.layers.dense({ units: 128, activation: 'tanh', kernelInitializer: 'orthogonal' }));
  model.add(wg.layers.dense({ units: 64, activation: 'swish' }));
  model.add(wg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const x = wg.randomNormal([1024, 96], 0, 1, 'float32', 3);
  const y = wg.tidy(() => x.sin().add(x.exp().log1p()).argMax(1).toInt().mod(10));
  const history = await model.fit(x, y, { epochs: 4, batchSize: 128, validationSplit: 0.1, verbose: 0 });
  model.compile({ optimizer: wg.train.rmsprop(1e-3), loss: 'sparseCategoricalCrossentropy' });
  await model.fit(x, y, { epochs: 1, batchSize: 100, verbose: 0 });

  const values = [...model.getWeights(), model.predict(x)].flatMap((w) => [...w.dataSync()]);
  values.push(...Object.values(history.history).flat());
  if (!values.every(Number.isFinite)) throw new Error('the model did not learn');
  const digest = await crypto.subtle.digest('SHA-256', new Float32Array(values));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { hash, threads: wg.getThreads() };
}
