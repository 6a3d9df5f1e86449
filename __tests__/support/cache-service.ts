import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';

/** Azurite's well-known account: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const CONTAINER = 'cache';
const VERSION = '2021-12-02';
const TOKEN = 'the-runtime-token-of-a-test';

/** What the service does with every call. */
export type Mood = 'well' | 'broken' | 'garbage' | 'full' | { slowMs: number };

export interface CacheService {
  /** What the runner tells an action of it. */
  env: Record<string, string>;
  token: string;
  /** How it behaves from now on. */
  mood: Mood;
  /** The calls that it got, by name. */
  calls: string[];
  /** Keys of the entries that can be restored, oldest first. */
  keys(): string[];
  /** Puts other bytes where the archive of the newest entry is whose key begins with this. */
  damage(archive: Buffer, keyPrefix?: string): Promise<void>;
  close(): Promise<void>;
}

interface Entry {
  key: string;
  version: string;
  blob: string;
  finished: boolean;
}

/**
 * The cache service of GitHub's runners as far as @actions/cache 6 speaks to it: three Twirp calls in JSON, which hand out
 * signed URLs of a real blob store, Azurite, in memory and on loopback.
 * https://github.com/actions/toolkit/blob/main/packages/cache/src/generated/results/api/v1/cache.ts
 */
export async function startCacheService(): Promise<CacheService> {
  const store = await startBlobStore();
  const entries: Entry[] = [];
  const calls: string[] = [];

  const server = createServer((request, response) => {
    void readBody(request).then((body) => answer(request.url ?? '', request.headers.authorization, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service: CacheService = {
    env: {
      ACTIONS_CACHE_SERVICE_V2: 'true',
      ACTIONS_RESULTS_URL: `http://127.0.0.1:${port}/`,
      ACTIONS_RUNTIME_TOKEN: TOKEN,
    },
    token: TOKEN,
    mood: 'well',
    calls,
    keys: () => entries.filter(({ finished }) => finished).map(({ key }) => key),
    async damage(archive, keyPrefix = '') {
      const newest = entries.findLast(({ finished, key }) => finished && key.startsWith(keyPrefix));
      if (newest === undefined) throw new Error('there is no entry');
      await put(store.sign(newest.blob, 'cw'), archive);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.stop();
    },
  };
  return service;

  async function answer(url: string, authorization: string | undefined, body: string, response: ServerResponse) {
    const call = url.split('/').at(-1) ?? '';
    calls.push(call);
    const { mood } = service;
    if (mood === 'broken') return send(response, 503, { code: 'unavailable', msg: 'down for maintenance' });
    if (mood === 'garbage') return response.end('<html>this is no cache service</html>');
    if (typeof mood === 'object') await new Promise((resolve) => setTimeout(resolve, mood.slowMs).unref());
    if (authorization !== `Bearer ${TOKEN}`)
      return send(response, 401, { code: 'unauthenticated', msg: 'who are you' });
    return send(response, 200, perform(call, JSON.parse(body), mood));
  }

  function perform(call: string, { key = '', version = '', restore_keys = [] }: Asked, mood: Mood): object {
    const named = entries.find((entry) => entry.key === key && entry.version === version);
    switch (call) {
      case 'CreateCacheEntry': {
        if (mood === 'full') return { ok: false, message: 'the cache is full' };
        if (named !== undefined) return { ok: false };
        const blob = `blob-${entries.length}`;
        entries.push({ key, version, blob, finished: false });
        return { ok: true, signed_upload_url: store.sign(blob, 'cw') };
      }
      case 'FinalizeCacheEntryUpload':
        if (named !== undefined) named.finished = true;
        return { ok: named !== undefined, entry_id: '1' };
      case 'GetCacheEntryDownloadURL': {
        const candidates = entries.filter((entry) => entry.version === version && entry.finished);
        const found =
          candidates.find((entry) => entry.key === key) ??
          candidates.findLast((entry) => restore_keys.some((prefix) => entry.key.startsWith(prefix)));
        if (found === undefined) return { ok: false };
        return { ok: true, signed_download_url: store.sign(found.blob, 'r'), matched_key: found.key };
      }
      default:
        return { ok: false };
    }
  }
}

interface Asked {
  key?: string;
  version?: string;
  restore_keys?: string[];
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

interface BlobStore {
  /** A URL that lets anyone read (`r`) or create and write (`cw`) the blob. */
  sign(blob: string, permissions: 'r' | 'cw'): string;
  stop(): Promise<void>;
}

async function startBlobStore(): Promise<BlobStore> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const script = join(process.cwd(), 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');
  const args = ['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const child = spawn(process.execPath, [script, ...args, '--blobHost', '127.0.0.1', '--blobPort', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await untilListening(child);
  const container = `${origin}/${ACCOUNT}/${CONTAINER}`;
  const made = await fetch(`${container}?restype=container&${accountSas()}`, { method: 'PUT' });
  if (!made.ok) throw new Error(`azurite made no container: ${made.status} ${await made.text()}`);
  return {
    sign: (blob, permissions) => `${container}/${blob}?${blobSas(blob, permissions)}`,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

async function put(url: string, content: Buffer): Promise<void> {
  const done = await fetch(url, {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob' },
    body: new Uint8Array(content),
  });
  if (!done.ok) throw new Error(`azurite took no blob: ${done.status} ${await done.text()}`);
}

const LISTENS_WITHIN_MS = 60_000;

function untilListening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    setTimeout(() => reject(new Error(`azurite does not listen: ${said}`)), LISTENS_WITHIN_MS).unref();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk;
        if (said.includes('successfully listens')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`azurite ended with ${code}: ${said}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createTcpServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const EXPIRY = '2099-01-01T00:00:00Z';

/** https://learn.microsoft.com/rest/api/storageservices/create-account-sas */
function accountSas(): string {
  const fields = {
    sp: 'rwc',
    ss: 'b',
    srt: 'co',
    st: '',
    se: EXPIRY,
    sip: '',
    spr: 'https,http',
    sv: VERSION,
    ses: '',
  };
  const sig = signature(`${[ACCOUNT, ...Object.values(fields)].join('\n')}\n`);
  return query({ ...fields, sig });
}

/** https://learn.microsoft.com/rest/api/storageservices/create-service-sas */
function blobSas(blob: string, sp: string): string {
  const resource = `/blob/${ACCOUNT}/${CONTAINER}/${blob}`;
  const told = [sp, '', EXPIRY, resource, '', '', 'https,http', VERSION, 'b', '', '', '', '', '', '', ''];
  return query({ sp, se: EXPIRY, spr: 'https,http', sv: VERSION, sr: 'b', sig: signature(told.join('\n')) });
}

function signature(text: string): string {
  return createHmac('sha256', Buffer.from(ACCOUNT_KEY, 'base64')).update(text, 'utf8').digest('base64');
}

function query(fields: Record<string, string>): string {
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== '')).toString();
}
