import type { AttemptEffects } from './attempt.js';
import type { BuildProcess } from './build-process.js';

/**
 * A build may be silent for long and healthy; a server that hangs drops no stream. So silence is only a reason to ask:
 * two pings without an answer are a hang, and an answer means that the build is left alone.
 */
export function watchSilence(child: BuildProcess, startedAt: number, effects: AttemptEffects): () => void {
  const { stallTimeoutMs, incidents, now } = effects;
  let over = false;
  let cancel = effects.timer(stallTimeoutMs, () => void look());
  return () => {
    over = true;
    cancel();
  };

  async function look(): Promise<void> {
    const silentMs = now() - child.lastOutputAt();
    if (silentMs >= stallTimeoutMs && incidents.isOpen()) {
      const [first, second] = [await effects.ping(), await effects.ping()];
      // Pings of a run that is cancelled or out of time are cut short, and say nothing of the engine.
      if (over || effects.signal.aborted || effects.deadline.aborted) return;
      if (!first.alive && !second.alive) {
        const seconds = Math.round(silentMs / 1000);
        incidents.reportHang(startedAt, [
          `a build was silent for ${seconds} s, and two pings had no answer: ${second.said}`,
        ]);
        return;
      }
      cancel = effects.timer(stallTimeoutMs, () => void look());
      return;
    }
    cancel = effects.timer(Math.max(100, stallTimeoutMs - silentMs), () => void look());
  }
}
