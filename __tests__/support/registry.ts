import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, hasEnded } from '../../demo/processes.mjs';

const START_LIMIT_MS = 10_000;
/** How often a port that was free is tried: another process may take it before the registry does. */
const PORTS_TRIED = 3;

/** Who may use a registry that was started with `auth`. */
export const CREDENTIALS = { username: 'e2e', password: 'e2e-password' };
/** The password's bcrypt hash, of the lowest cost. */
const HTPASSWD = 'e2e:$2b$04$KO8d2s/E0G5R1asKOKvJVO1M2eMDsk.obDUZQPiHWxFPWDwQnlrHq\n';

/** What a registry's manifest is asked for: whatever kind the engine has pushed. */
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** A real registry of the test's own. */
export interface Registry {
  /** `127.0.0.1:PORT`, which is what an image's name begins with; it stays the same when it is started again. */
  address: string;
  /** Ends it by a signal (SIGKILL), in the middle of what it does; resolves when it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with what it had stored; resolves when it answers. */
  start(): Promise<void>;
  /** Digest of what the registry has under `NAME:TAG` (without its address); undefined when it has no such thing. */
  digest(image: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Starts Debian's docker-registry on a free loopback port, with everything in `folder`, which is left to whoever made
 * it. With `auth` only `CREDENTIALS` may use it. Throws, with its own words, when it does not answer within 10 s.
 */
export async function startRegistry(folder: string, { auth = false } = {}): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  for (let tried = 1; ; tried += 1) {
    const server = registryOn(folder, await freePort(), auth);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.close();
      const taken = String(error).includes('address already in use');
      if (!taken || tried === PORTS_TRIED) throw error;
    }
  }
}

function registryOn(folder: string, port: number, auth: boolean): Registry {
  const address = `127.0.0.1:${port}`;
  const log = join(folder, 'registry.log');
  const config = writeConfig(folder, address, auth);
  const headers = auth ? { authorization: `Basic ${btoa(`${CREDENTIALS.username}:${CREDENTIALS.password}`)}` } : {};
  let server: ChildProcess | undefined;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    server?.kill(signal);
    await ended(server);
  };
  return {
    address,
    kill,
    async start() {
      const out = openSync(log, 'w');
      const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', out, out] });
      closeSync(out);
      server = child;
      let failure: Error | undefined;
      child.once('error', (error) => {
        failure = error;
      });
      for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(20)) {
        if (failure !== undefined) throw new Error(`docker-registry cannot be started: ${failure.message}`);
        if (hasEnded(child))
          throw new Error(`docker-registry ended at once: ${readFileSync(log, 'utf8').slice(-2000)}`);
        if ((await ask(`http://${address}/v2/`, headers)).status === 200) return;
      }
      throw new Error(`docker-registry does not answer: ${readFileSync(log, 'utf8').slice(-2000)}`);
    },
    async digest(image) {
      const [name, tag] = image.split(':');
      return (await ask(`http://${address}/v2/${name}/manifests/${tag}`, { ...headers, accept: MANIFESTS })).digest;
    },
    close: () => kill(),
  };
}

/** JSON is YAML. See https://distribution.github.io/distribution/about/configuration/. */
function writeConfig(folder: string, address: string, auth: boolean): string {
  const path = join(folder, 'registry.yml');
  const htpasswd = join(folder, 'htpasswd');
  writeFileSync(htpasswd, HTPASSWD);
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'registry') }, delete: { enabled: true } },
    http: { addr: address },
    ...(auth ? { auth: { htpasswd: { realm: 'e2e', path: htpasswd } } } : {}),
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function ask(url: string, headers: Record<string, string>): Promise<{ status?: number; digest?: string | undefined }> {
  return new Promise((resolve) => {
    get(url, { headers, agent: false }, (response) => {
      response.resume();
      const digest = response.headers['docker-content-digest'];
      resolve({ status: response.statusCode ?? 0, digest: typeof digest === 'string' ? digest : undefined });
    }).once('error', () => resolve({}));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
