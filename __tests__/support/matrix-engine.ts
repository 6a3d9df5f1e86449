import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Run, runBundle } from './bundle-run.js';
import { privateDocker } from './private-docker.js';
import { localStorage, type PrivateEngine } from './private-engines.js';
import { privatePodman } from './private-podman.js';

/** The engines that the matrix can be run on; which one is said by `E2E_ENGINE` (scripts/engine-matrix). */
export const ENGINES: Record<string, (folder: string) => Promise<PrivateEngine>> = {
  podman: privatePodman,
  'docker-legacy': (folder) => privateDocker(folder, { DOCKER_BUILDKIT: '0' }),
  'docker-buildx': (folder) => privateDocker(folder),
  'podman-local': async (folder) => localStorage(folder, 'podman'),
  buildah: async (folder) => localStorage(folder, 'buildah'),
};

/** One engine of the matrix, a workspace, and the bundled action to run on them. */
export interface Matrix {
  engine: PrivateEngine;
  workspace: string;
  /** The report folder of the next run, or of the one that runs. */
  report: string;
  run(images: object[], inputs?: Record<string, string>): Promise<Run>;
  close(): Promise<void>;
}

/** Name of the engine that this run of the matrix is on. */
export function engineName(): string {
  const name = process.env['E2E_ENGINE'] ?? '';
  if (name in ENGINES) return name;
  throw new Error(`E2E_ENGINE is ${JSON.stringify(name)}, expected one of ${Object.keys(ENGINES).join(', ')}`);
}

/** Starts the engine that `E2E_ENGINE` names, with everything in a folder that goes with it. */
export async function openMatrix(): Promise<Matrix> {
  // Short: podman takes no runroot longer than 50 characters.
  const folder = mkdtempSync(join(tmpdir(), 'e2e-m-'));
  const [workspace, temp, report] = ['workspace', 'temp', 'report'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [workspace, temp]) mkdirSync(path);
  const engine = await (ENGINES[engineName()] as (typeof ENGINES)[string])(join(folder, 'engine'));
  return {
    engine,
    workspace,
    report,
    async run(images, inputs) {
      const run = await runBundle(engine, { workspace, temp }, images, { report, retries: '6', ...inputs });
      console.log(tell(run));
      return run;
    },
    async close() {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How each attempt ended, for whoever reads why a test failed. */
function tell({ events, outputs }: Run): string {
  const attempts = events.flatMap((event) => {
    if (event.type !== 'attempt-ended') return [];
    const { class: verdict = 'success', line = '' } = event.verdict ?? {};
    return [`${event.image} ${event.attempt}: ${JSON.stringify(event.ending)} ${verdict} ${line}`];
  });
  return [`${outputs['result']}, ${outputs['incidents']} incidents`, ...attempts].join('\n');
}
