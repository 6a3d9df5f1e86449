// The engine that the soak crashes, and what must not be left in it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import './typescript.mjs';

const { ENGINES } = await import('../__tests__/support/matrix-engine.ts');

export const SOAK_ENGINES = Object.keys(ENGINES);

/** Commands that list what builds work in, by the client's name. */
const CONTAINERS = {
  podman: ['ps', '--all', '--external', '--quiet'],
  docker: ['ps', '--all', '--quiet'],
  buildah: ['containers', '--quiet'],
};
/** Programs that belong to the engine itself. */
const ITS_OWN = /^(podman|dockerd|containerd|containerd-shim.*|conmon|catatonit)$/;

/**
 * A private engine of this name.
 * @typedef {Awaited<ReturnType<typeof openSoakEngine>>} SoakEngine
 * @param {string} name @param {string} folder
 */
export async function openSoakEngine(name, folder) {
  const engine = await /** @type {any} */ (ENGINES)[name](folder);
  const url = engine.inputs['engine-url'];
  const client = /** @type {keyof typeof CONTAINERS} */ (engine.inputs.engine);
  const words = url === undefined ? [] : client === 'docker' ? ['--host', url] : ['--url', url];
  const ask = (/** @type {string[]} */ ...args) => {
    const env = { ...process.env, ...engine.env };
    const { stdout, stderr } = spawnSync(client, [...words, ...args], { env, encoding: 'utf8' });
    return stdout.trim() || stderr.trim();
  };
  /** @type {Set<string>} */
  const known = new Set();
  return {
    env: engine.env,
    inputs: engine.inputs,
    served: url !== undefined,
    version: () => ask('version').replace(/\s+/g, ' ').slice(0, 120),
    crash: (/** @type {NodeJS.Signals} */ signal) => engine.signal(signal),
    start: () => engine.start(),
    close: () => engine.close(),
    removeImages: (/** @type {string[]} */ tags) => ask('rmi', '--force', ...tags),
    /** @param {string} tag @param {string} path */
    read(tag, path) {
      try {
        return engine.read(tag, path).toString().trim();
      } catch (error) {
        return String(error);
      }
    },
    /**
     * What is left of a run when it is over, a sentence each. A build that buildah refuses (an unknown instruction) leaves
     * the container that it had begun, which is no crash and none of ours to remove.
     * @param {string} run name of the run, as its steps have it @param {string} temp
     * @param {number} failed how many of its builds failed by themselves
     */
    leftovers(run, temp, failed) {
      const containers = ask(...CONTAINERS[client])
        .split('\n')
        .filter((id) => id !== '' && !known.has(id));
      for (const id of containers) known.add(id);
      const allowed = client === 'buildah' ? failed : 0;
      return [
        ...(containers.length <= allowed ? [] : [`containers ${containers.join(' ')}`]),
        ...readdirSync(temp)
          .filter((entry) => entry.startsWith('e2e-build-ids-'))
          .map((entry) => `temporary folder ${entry}`),
        ...processesOf(run, folder).map((line) => `process ${line}`),
      ];
    },
  };
}

/** Steps of this run, and clients that work on this engine. @param {string} run @param {string} folder */
function processesOf(run, folder) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const line = words.join(' ').trim();
        const isServer = ITS_OWN.test(basename(words[0] ?? '')) && !words.includes('build');
        const isOurs = line.includes(`echo ${run}-`) || (line.includes(folder) && !isServer);
        return isOurs ? [`${pid} ${line.slice(0, 200)}`] : [];
      } catch {
        return [];
      }
    });
}
