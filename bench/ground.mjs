// Where the benchmark builds: a workspace, and for each run a podman server of its own that nothing was built on before.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPodmanServer } from '../demo/private-podman.mjs';
import { runAction } from '../demo/runner.mjs';
import { noDeath } from './deaths.mjs';

/** @typedef {ReturnType<typeof openGround>} Ground */

/** Makes it; `close` removes it. */
export function openGround() {
  // Short: podman takes no runroot longer than 50 characters.
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  let count = 0;
  const next = (/** @type {string} */ name) => {
    count += 1;
    return join(folder, `${name}${count}`);
  };

  /**
   * Calls `work` with a new server that dies as it is told to, and removes it.
   * @template T
   * @param {import('./deaths.mjs').Death} death
   * @param {(on: { server: import('./deaths.mjs').PodmanServer, dying: import('./deaths.mjs').Dying }) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async function onServer(death, work) {
    const server = await startPodmanServer({ folder: next('e') });
    const dying = death(server);
    try {
      return await work({ server, dying });
    } finally {
      await dying.stop();
      await server.stop();
    }
  }

  return {
    workspace,
    onServer,
    close: () => rmSync(folder, { recursive: true, force: true }),
    /**
     * A run of the action on a new server. `learnt` is what an earlier run left; what this one leaves is beside the result.
     * @param {object} run
     * @param {Record<string, string>} run.inputs
     * @param {import('./deaths.mjs').Death} [run.death]
     * @param {string | undefined} [run.learnt]
     * @returns {Promise<import('./peers.mjs').Took & { learnt: string, journal: string | undefined }>}
     */
    async act({ inputs, death = noDeath, learnt }) {
      const cache = next('cache');
      if (learnt !== undefined) cpSync(learnt, cache, { recursive: true });
      const done = await onServer(death, ({ server }) =>
        runAction({
          action: process.cwd(),
          workspace,
          temp: next('temp'),
          env: { ...server.env, XDG_CACHE_HOME: cache },
          inputs: { engine: 'podman', 'engine-url': server.url, 'extra-args': '--network=none', ...inputs },
        }),
      );
      if (done.exitCode !== 0) console.error(`the run failed:\n${done.log.slice(-2000)}`);
      const ms = done.exitCode === 0 ? done.durationMs : undefined;
      return { ms, again: Number(done.outputs['incidents']), learnt: cache, journal: done.journal };
    },
  };
}
