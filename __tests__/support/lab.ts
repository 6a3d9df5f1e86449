import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPodmanServer } from '../../demo/private-podman.mjs';
import type { JournalEvent } from '../../src/journal/events.js';
import { type Run, runBundle } from './bundle-run.js';
import { buildClients } from './process-table.js';

export interface Lab {
  workspace: string;
  server: Awaited<ReturnType<typeof startPodmanServer>>;
  /** The most build clients that the process table has shown at once. */
  mostClients(): number;
  /** Kills the server with SIGKILL; `backAfterMs` later it starts again, unless it is never to. */
  kill(backAfterMs?: number): void;
  /** Calls back every 50 ms with the build clients that run now. */
  watch(callback: (clients: number) => void): void;
  run(
    images: object[],
    inputs?: Record<string, string>,
    signal?: AbortSignal,
    env?: Record<string, string>,
    kill?: AbortSignal,
  ): Promise<Run>;
  close(): Promise<void>;
}

/** A private podman server with a supervisor, a workspace, and the bundled action to run against them. */
export async function openLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'e2e-lab-'));
  const workspace = join(folder, 'workspace');
  const temp = join(folder, 'temp');
  mkdirSync(workspace);
  mkdirSync(temp);
  const server = await startPodmanServer({ folder: join(folder, 'engine') });
  const watchers: ((clients: number) => void)[] = [];
  let most = 0;
  let restart: NodeJS.Timeout | undefined;
  const clock = setInterval(() => {
    const clients = buildClients(server.url).length;
    most = Math.max(most, clients);
    for (const watcher of watchers) watcher(clients);
  }, 50);

  return {
    workspace,
    server,
    mostClients: () => most,
    watch: (callback) => watchers.push(callback),
    kill(backAfterMs) {
      void server.kill('SIGKILL');
      if (backAfterMs !== undefined) restart = setTimeout(() => void server.start(), backAfterMs);
    },
    run: (images, inputs, signal, env = {}, kill) =>
      runBundle(
        {
          env: { ...server.env, ...env },
          inputs: { engine: 'podman', 'engine-url': server.url, 'extra-args': '--network=none' },
        },
        { workspace, temp },
        images,
        inputs,
        signal,
        kill,
      ),
    async close() {
      clearInterval(clock);
      clearTimeout(restart);
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The most attempts that were running at once, by the journal. */
export function mostAttempts(events: JournalEvent[]): number {
  let running = 0;
  let most = 0;
  for (const event of events) {
    if (event.type === 'attempt-started') running += 1;
    if (event.type === 'attempt-ended') running -= 1;
    most = Math.max(most, running);
  }
  return most;
}

/** How many attempts the journal shows for an image. */
export function attemptsOf(events: JournalEvent[], image: string): number {
  return events.filter((event) => event.type === 'attempt-started' && event.image === image).length;
}
