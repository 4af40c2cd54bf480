// Letting other events be handled.

const global = globalThis as { setImmediate?: (f: () => void) => unknown };

/**
 * Waits until other events had their turn. By a macrotask that browsers neither throttle nor pause in hidden tabs:
 * setImmediate, or a message to oneself.
 */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (global.setImmediate) return void global.setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
