import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from '../support/command.js';
import { type Fault, type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.js';
import { privateDocker } from '../support/private-docker.js';
import { clientWords, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { CREDENTIALS, type Registry, startRegistry } from '../support/registry.js';
import { writeImage } from '../support/workload.js';

/** Docker takes a registry on loopback without TLS by itself. */
const ENGINES = {
  podman: { start: privatePodman, insecure: ['--tls-verify=false'] },
  docker: { start: privateDocker, insecure: [] },
};

describe.each(Object.keys(ENGINES) as (keyof typeof ENGINES)[])('a registry of the test, to %s,', (name) => {
  const { start, insecure } = ENGINES[name];
  let folder: string;
  let engine: PrivateEngine;
  let registry: Registry;
  let proxy: FlakyProxy;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'e2e-r-'));
    writeFileSync(join(folder, 'auth.json'), '{}');
    engine = await start(join(folder, 'engine'));
    const context = join(folder, writeImage(folder, 'pushed', []).context);
    const built = await run(
      'build',
      '--tag',
      'localhost/pushed:e2e',
      '--file',
      join(context, 'Containerfile'),
      context,
    );
    expect(built).toMatchObject({ exit: 0 });
  });
  // Anew for each test: what a registry has is not pushed again.
  beforeEach(async () => {
    registry = await startRegistry(mkdtempSync(join(folder, 'registry-')));
    proxy = await startFlakyProxy(registry.address);
  });
  afterEach(async () => {
    await proxy.close();
    await registry.close();
  });
  afterAll(async () => {
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(...args: string[]) {
    // What a person has logged in to is not looked at.
    const env = { ...engine.env, DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: join(folder, 'auth.json') };
    return runCommand([...clientWords(engine), ...args], env);
  }
  async function push(image: string) {
    await run('tag', 'localhost/pushed:e2e', image);
    return run('push', ...insecure, image);
  }

  it('takes a push, is gone when it is killed, and then has again what it had', async () => {
    expect(await push(`${registry.address}/plain:1`)).toMatchObject({ exit: 0 });
    const digest = await registry.digest('plain:1');
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    await registry.kill();
    const refused = await push(`${registry.address}/plain:2`);
    expect(refused.exit).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain('connection refused');
    await registry.start();
    expect(await registry.digest('plain:1')).toBe(digest);
    expect(await registry.digest('plain:2')).toBeUndefined();
  });

  it.each<[string, RegExp, Fault]>([
    ['429', / \/v2\/.*\/manifests\//, { kind: 'status', status: 429 }],
    ['500', / \/v2\/.*\/manifests\//, { kind: 'status', status: 500 }],
    ['a connection that is cut in the middle of a layer', /^PATCH /, { kind: 'cut', afterBytes: 100_000 }],
  ])('gives it %s through the proxy, for one request', async (_, match, fault) => {
    const image = `${proxy.address}/faulty:1`;
    proxy.fail({ match, fault });
    const first = await push(image);
    // Clients try some faults again by themselves.
    if (first.exit !== 0) expect(await registry.digest('faulty:1')).toBeUndefined();
    expect(proxy.requests.filter(({ failed }) => failed)).toEqual([
      { line: expect.stringMatching(match), failed: true },
    ]);
    expect(await push(image)).toMatchObject({ exit: 0 });
    expect(await registry.digest('faulty:1')).toMatch(/^sha256:/);
  });

  it('lets in only who has the password', async () => {
    const closed = await startRegistry(join(folder, 'closed'), { auth: true });
    try {
      const image = `${closed.address}/secret:1`;
      expect((await push(image)).exit).not.toBe(0);
      expect(await closed.digest('secret:1')).toBeUndefined();
      const { username, password } = CREDENTIALS;
      await run('login', ...insecure, '--username', username, '--password', password, closed.address);
      expect(await push(image)).toMatchObject({ exit: 0 });
      expect(await closed.digest('secret:1')).toMatch(/^sha256:/);
    } finally {
      await closed.close();
    }
  });
});
