import type { Ending } from '../journal/events.js';
import type { AttemptEffects } from './attempt.js';
import type { BuildEnd, BuildProcess } from './build-process.js';
import { watchSilence } from './silence.js';

/** A signal to our own process group gets this long before SIGKILL follows. */
const KILL_AFTER_TIMEOUT_MS = 10_000;
/** The runner kills us 10 s after a cancel, and the summary is still to be written. */
const KILL_AFTER_CANCEL_MS = 2_000;

/** Waits for the process; past its timeout, or when the run is cancelled, ends its whole process group. */
export async function endingOf(
  child: BuildProcess,
  timeoutMs: number,
  startedAt: number,
  effects: AttemptEffects,
): Promise<{ ending: Ending; said: BuildEnd }> {
  let ours: Ending | undefined;
  let cancelKill = () => {};
  const end = (why: Ending, killAfterMs: number) => {
    if (ours !== undefined) return;
    ours = why;
    child.kill('SIGTERM');
    cancelKill = effects.timer(killAfterMs, () => child.kill('SIGKILL'));
  };
  const cancelTimeout = effects.timer(timeoutMs, () =>
    end({ kind: 'timed-out', afterMs: timeoutMs }, KILL_AFTER_TIMEOUT_MS),
  );
  const stopListening = [
    onAbort(effects.signal, () =>
      end({ kind: 'cancelled', reason: String(effects.signal.reason) }, KILL_AFTER_CANCEL_MS),
    ),
    onAbort(effects.deadline, () => end({ kind: 'deadline', afterMs: effects.deadlineMs }, KILL_AFTER_CANCEL_MS)),
    onAbort(effects.incidents.hung(), () =>
      end({ kind: 'hung', silentMs: effects.now() - child.lastOutputAt() }, KILL_AFTER_CANCEL_MS),
    ),
  ];
  const stopWatching = watchSilence(child, startedAt, effects);

  const said = await child.ended;

  cancelTimeout();
  cancelKill();
  stopWatching();
  for (const stop of stopListening) stop();
  return { ending: ours ?? theirEnding(said), said };
}

/** Calls back when the signal aborts, or at once when it has; the function that it returns stops listening. */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback();
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}

function theirEnding(said: { code?: number; signal?: string; failure?: string }): Ending {
  if (said.signal !== undefined) return { kind: 'signalled', signal: said.signal };
  if (said.code !== undefined) return { kind: 'exited', code: said.code };
  return { kind: 'not-spawned', reason: said.failure ?? 'unknown' };
}
