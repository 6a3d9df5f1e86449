/** Milliseconds since the epoch, never going back within a run even when the machine's clock is set. */
export function createClock(): () => number {
  const epoch = Date.now() - performance.now();
  return () => Math.round(epoch + performance.now());
}

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timeout = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Longest delay that Node's timers take; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls back after so many milliseconds; the function that it returns cancels that. */
export function timer(ms: number, callback: () => void): () => void {
  const timeout = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS));
  return () => clearTimeout(timeout);
}

/** Calls back every so many milliseconds until cancelled; alone it does not keep the process alive. */
export function every(ms: number, callback: () => void): () => void {
  const interval = setInterval(callback, ms);
  interval.unref();
  return () => clearInterval(interval);
}

/** A signal that aborts so many milliseconds after another one has. */
export function abortLater(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const start = () => setTimeout(() => later.abort(signal.reason), ms).unref();
  if (signal.aborted) start();
  else signal.addEventListener('abort', start, { once: true });
  return later.signal;
}
