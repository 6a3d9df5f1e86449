import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, hasEnded } from '../../demo/processes.mjs';
import { type PrivateEngine, readByCopy, removeStorage } from './private-engines.js';
import { answers } from './socket-ping.js';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 20_000;

/** A docker daemon with storage and a socket of its own; with `DOCKER_BUILDKIT=0` its legacy builder is used. */
export async function privateDocker(folder: string, env: Record<string, string> = {}): Promise<PrivateEngine> {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'd.sock');
  const url = `unix://${socket}`;
  const log = join(folder, 'dockerd.log');
  const words = [
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/d.pid`,
    '-H',
    url,
  ];
  let daemon: ChildProcess | undefined;
  const isUp = () => daemon !== undefined && !hasEnded(daemon);
  const start = async () => {
    await ended(daemon);
    // After SIGKILL the pids in these files may be zombies, which a new daemon takes for a live one and waits for.
    rmSync(join(folder, 'd.pid'), { force: true });
    stopContainerd(folder);
    rmSync(join(folder, 'exec', 'containerd', 'containerd.pid'), { force: true });
    const out = openSync(log, 'a');
    daemon = spawn('dockerd', words, { stdio: ['ignore', out, out] });
    for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(20)) {
      // One that is killed again while it starts is started again by whoever killed it.
      if (!isUp() || (await answers(socket))) return;
    }
    throw new Error(`dockerd does not answer: ${readFileSync(log, 'utf8').slice(-2000)}`);
  };
  await start();
  if (!isUp()) throw new Error(`dockerd ended at once: ${readFileSync(log, 'utf8').slice(-2000)}`);
  return {
    env,
    inputs: { engine: 'docker', 'engine-url': url, 'extra-args': '--network=none' },
    socket,
    signal: (name) => daemon?.kill(name) === true,
    start,
    read: readByCopy(['docker', '--host', url], env, folder),
    async close() {
      daemon?.kill('SIGTERM');
      await Promise.race([ended(daemon), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
      daemon?.kill('SIGKILL');
      await ended(daemon);
      stopContainerd(folder);
      endShims(folder);
      removeStorage(folder);
    },
  };
}

/** A killed dockerd leaves the containerd that it started. */
function stopContainerd(folder: string): void {
  const pidfile = join(folder, 'exec', 'containerd', 'containerd.pid');
  if (!existsSync(pidfile)) return;
  try {
    process.kill(Number(readFileSync(pidfile, 'utf8')), 'SIGKILL');
  } catch {
    // It ended with its daemon.
  }
}

/** What a killed daemon left running for its containers, known by our own folder in the command line. */
function endShims(folder: string): void {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      const ours =
        words[0]?.includes('containerd-shim') === true && words.some((word) => word.startsWith(`${folder}/`));
      if (ours) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
