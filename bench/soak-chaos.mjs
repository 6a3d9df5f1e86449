// What happens to the soak's engine: deaths by several signals, and hangs, at random moments.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SIGNALS = /** @type {const} */ (['SIGKILL', 'SIGSEGV', 'SIGTERM']);
const HANGS = 0.1;
/** A server that was told to end and does not is killed, as systemd would. */
const PATIENCE_MS = 5_000;

/**
 * Begins to crash the engine, and brings it back after a while, until it is stopped. A hung one is restarted when the
 * action's recovery command asks for it.
 * @param {import('./soak-engine.mjs').SoakEngine} engine
 * @param {ReturnType<import('./soak-random.mjs').randomFrom>} random
 * @param {string} workspace
 */
export function startChaos(engine, random, workspace) {
  const counts = { crashes: 0, hangs: 0 };
  const asked = join(workspace, 'restart-asked');
  let stopped = false;
  const busy = (async () => {
    for (;;) {
      await sleep(random.between(500, 6_000));
      if (stopped) return;
      if (engine.served && random.next() < HANGS) await hang();
      else await crash();
    }
  })();
  return {
    async stop() {
      stopped = true;
      await busy;
      return counts;
    },
  };

  async function crash() {
    // A build without a server that is told to end has been cancelled by somebody; only a kill is a crash.
    if (!engine.crash(engine.served ? random.pick(SIGNALS) : 'SIGKILL')) return;
    counts.crashes += 1;
    const downMs = random.between(50, 2_000);
    const patience = setTimeout(() => engine.crash('SIGKILL'), PATIENCE_MS);
    await sleep(downMs);
    try {
      await engine.start();
    } catch {
      // The patience ended just as the new one began: that one was killed.
      clearTimeout(patience);
      await engine.start();
    }
    clearTimeout(patience);
  }

  async function hang() {
    counts.hangs += 1;
    rmSync(asked, { force: true });
    engine.crash('SIGSTOP');
    while (!stopped && !existsSync(asked)) await sleep(50);
    engine.crash('SIGKILL');
    await engine.start();
  }
}
