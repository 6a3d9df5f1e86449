import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Run, runBundle } from '../support/bundle-run.js';
import { runCommand } from '../support/command.js';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.js';
import { type Lab, openLab } from '../support/lab.js';
import { privateDocker } from '../support/private-docker.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
import { CREDENTIALS, type Registry, startRegistry } from '../support/registry.js';
import { steps, writeImage } from '../support/workload.js';

const BOTH = ['linux/amd64', 'linux/arm64'];
const LIST_TYPES = 'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';

let folder: string;
let registry: Registry;
let closed: Registry;
let proxy: FlakyProxy;
/** What engines read of registries and logins: these registries speak plain HTTP. */
let env: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-p-'));
  registry = await startRegistry(join(folder, 'registry'));
  closed = await startRegistry(join(folder, 'closed'), { auth: true });
  proxy = await startFlakyProxy(registry.address);
  const registries = join(folder, 'registries.conf');
  const entry = (address: string) => `[[registry]]\nlocation = "${address}"\ninsecure = true\n`;
  writeFileSync(registries, [registry, closed, proxy].map(({ address }) => entry(address)).join(''));
  mkdirSync(join(folder, '.config', 'containers'), { recursive: true });
  copyFileSync(registries, join(folder, '.config', 'containers', 'registries.conf'));
  env = {
    // Where buildah's manifest commands look, which do not know that variable.
    HOME: folder,
    CONTAINERS_REGISTRIES_CONF: registries,
    REGISTRY_AUTH_FILE: join(folder, 'config.json'),
    DOCKER_CONFIG: folder,
  };
  logIn({});
});
afterEach(async () => {
  await proxy.close();
  await closed.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What `podman login` and `docker login` leave. */
function logIn(passwords: Record<string, string>): void {
  const auths = Object.entries(passwords).map(([address, password]) => [
    address,
    { auth: btoa(`${CREDENTIALS.username}:${password}`) },
  ]);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: Object.fromEntries(auths) }));
}

function tries(run: Run, image: string) {
  return run.events.filter(
    (event) => event.type === 'hand-off-ended' && event.image === image && event.to === 'push',
  ) as { verdict?: { class: string; line?: string }; digest?: string; said: string; incident?: number }[];
}

/** The platforms of the list that the registry has. */
async function platformsOf(image: string): Promise<string[]> {
  const [name, tag] = image.split(':');
  const answer = await fetch(`http://${registry.address}/v2/${name}/manifests/${tag}`, {
    headers: { accept: LIST_TYPES },
  });
  const { manifests } = (await answer.json()) as { manifests: { platform: { os: string; architecture: string } }[] };
  return manifests.map(({ platform: { os, architecture } }) => `${os}/${architecture}`).sort();
}

/** Adds a layer that takes a while to be pushed. */
function weigh(workspace: string, name: string, mebibytes: number): void {
  writeFileSync(join(workspace, name, 'rootfs', 'weight'), randomBytes(mebibytes * 2 ** 20));
}

describe('pushing from a podman server', () => {
  let lab: Lab;
  beforeEach(async () => {
    // The server reads them too.
    process.env['CONTAINERS_REGISTRIES_CONF'] = env['CONTAINERS_REGISTRIES_CONF'];
    lab = await openLab();
  });
  afterEach(async () => {
    await lab.close();
    delete process.env['CONTAINERS_REGISTRIES_CONF'];
  });

  const run = (images: object[], inputs: Record<string, string> = {}) =>
    lab.run(images, { push: 'true', ...inputs }, undefined, env);
  const image = (name: string, tags: string[], more: object = {}) => ({
    ...writeImage(lab.workspace, name, steps(name, [0])),
    tags,
    ...more,
  });
  /** Acts once, as soon as bytes of a layer are on their way. */
  function inMidPush(act: () => void): void {
    let done = false;
    lab.watch(() => {
      if (done || !proxy.requests.some(({ line }) => line.startsWith('PATCH '))) return;
      done = true;
      act();
    });
  }

  it('tells the digests that the registry has, of what was to be pushed', async () => {
    const pushed = image('api', [`${registry.address}/api:1`, `${registry.address}/team/api:latest`]);
    const kept = image('tool', ['tool:e2e'], { push: false });
    const result = await run([pushed, kept]);
    expect(result.log).not.toContain('::error');
    const digest = await registry.digest('api:1');
    expect(digest).toMatch(/^sha256:/);
    expect(await registry.digest('team/api:latest')).toBe(digest);
    expect(result.images).toMatchObject({ api: { digest, verdict: 'success' }, tool: { digest: null } });
    expect(JSON.parse(result.outputs['metadata'] ?? '')).toEqual({
      api: { 'containerimage.digest': digest, 'image.name': pushed.tags.join(',') },
      tool: { 'image.name': 'tool:e2e' },
    });
    const inspected = await runCommand(
      ['skopeo', 'inspect', '--tls-verify=false', `docker://${registry.address}/api:1`],
      env,
    );
    expect(JSON.parse(inspected.stdout)).toMatchObject({ Digest: digest });
    expect(tries(result, 'tool')).toEqual([]);
    // Whoever looks at the engine's images finds nothing that was only made to ask.
    const names = await runCommand(['podman', '--url', lab.server.url, 'images', '--format', '{{.Repository}}'], {
      ...lab.server.env,
    });
    expect(names.stdout).not.toContain('e2e-build-action');
  });

  it('refuses tags without a registry before anything is built', async () => {
    const result = await run([image('api', ['api:e2e', 'owner/api:e2e', 'localhost/api:e2e'])]);
    expect(result.exitCode).toBe(1);
    for (const tag of ['api:e2e', 'owner/api:e2e', 'localhost/api:e2e']) {
      expect(result.log).toContain(`image "api": tags: seen "${tag}", expected a tag with a registry`);
    }
    expect(result.events).toEqual([]);
  });

  it.each([
    ['too many requests', 429],
    ['a server error', 500],
  ])('fails at once on %s, and with retry-on: registry-flake tries again', async (_name, status) => {
    const fault = { kind: 'status', status } as const;
    proxy.fail({ match: /^PUT .*\/manifests\//, fault });
    const once = await run([image('once', [`${proxy.address}/once:1`])]);
    expect(once.images).toMatchObject({ once: { verdict: 'registry-flake', digest: null, attempts: 1 } });
    expect(tries(once, 'once')).toMatchObject([{ verdict: { class: 'registry-flake' } }]);

    proxy.heal();
    proxy.fail({ match: /^PUT .*\/manifests\//, fault });
    const again = await run([image('again', [`${proxy.address}/again:1`])], {
      'retry-on': 'engine-crash,registry-flake',
    });
    expect(again.images).toMatchObject({ again: { verdict: 'success', digest: await registry.digest('again:1') } });
    expect(tries(again, 'again')).toMatchObject([
      { verdict: { class: 'registry-flake' } },
      { said: `pushed ${proxy.address}/again:1` },
    ]);
    expect(again.outputs).toMatchObject({ incidents: '0', result: 'success' });
  });

  it('pushes again to a registry that was killed in mid-push and came back', async () => {
    const heavy = image('heavy', [`${proxy.address}/heavy:1`]);
    weigh(lab.workspace, 'heavy', 40);
    const back = new Promise<void>((resolve, reject) => {
      inMidPush(() => {
        // Longer than clients try again by themselves.
        const restart = async () => {
          await registry.kill();
          await sleep(5_000);
          await registry.start();
        };
        restart().then(resolve, reject);
      });
    });
    const result = await run([heavy], {
      'retry-on': 'engine-crash,registry-flake',
      'retry-min-timeout': '4s',
      'retry-max-timeout': '4s',
    });
    await back;
    expect(result.images).toMatchObject({ heavy: { verdict: 'success', attempts: 1 } });
    expect(tries(result, 'heavy')[0]).toMatchObject({ verdict: { class: 'registry-flake' } });
    expect(result.outputs['incidents']).toBe('0');
    expect(await registry.digest('heavy:1')).toBe(tries(result, 'heavy').at(-1)?.digest);
  });

  it('is an incident when the server dies in mid-push, and is tried again', async () => {
    const heavy = image('heavy', [`${proxy.address}/heavy:1`]);
    weigh(lab.workspace, 'heavy', 40);
    inMidPush(() => lab.kill(500));
    const result = await run([heavy]);
    expect(result.outputs).toMatchObject({ result: 'success', incidents: '1' });
    expect(result.images).toMatchObject({ heavy: { attempts: 1 } });
    expect(tries(result, 'heavy')).toMatchObject([{ verdict: { class: 'engine-crash' }, incident: 1 }, {}]);
    expect(await registry.digest('heavy:1')).toBe(tries(result, 'heavy').at(-1)?.digest);
  });

  it('uses the login of the engine, tries a wrong one once, and writes no password', async () => {
    const secret = image('secret', [`${closed.address}/secret:1`]);
    const wrong = 'wrong-password-4711';
    logIn({ [closed.address]: wrong });
    const refused = await run([secret], { 'retry-on': 'engine-crash,registry-flake' });
    expect(refused.images).toMatchObject({ secret: { digest: null } });
    expect(tries(refused, 'secret')).toMatchObject([{ verdict: { class: 'usage-error' } }]);
    logIn({ [closed.address]: CREDENTIALS.password });
    const taken = await run([secret]);
    // Podman 4.3 asks for no digest with the client's login, and says none by itself; podman 5 does.
    const digest = await closed.digest('secret:1');
    expect(digest).toMatch(/^sha256:/);
    expect(taken.images['secret']).toMatchObject({ verdict: 'success' });
    expect([digest, null]).toContain((taken.images['secret'] as unknown as { digest: string | null }).digest);
    for (const { log, summary, outputs } of [refused, taken]) {
      const report = outputs['report'] as string;
      const files = readdirSync(report, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
      for (const text of [log, summary, JSON.stringify(outputs), ...files]) {
        for (const password of [wrong, CREDENTIALS.password]) {
          expect(text).not.toContain(password);
          expect(text).not.toContain(btoa(`${CREDENTIALS.username}:${password}`));
        }
      }
    }
  });

  it('pushes a list of two platforms once each, also after a crash in mid-build and onto the name of an image', async () => {
    const tag = `${registry.address}/multi:1`;
    const single = await run([image('multi', [tag])]);
    expect(single.images).toMatchObject({ multi: { verdict: 'success' } });
    rmSync(join(lab.workspace, 'multi'), { recursive: true });
    let killed = false;
    lab.watch((clients) => {
      if (clients === 0 || killed) return;
      killed = true;
      setTimeout(() => lab.kill(500), 2_500);
    });
    const multi = {
      ...writeImage(lab.workspace, 'multi', ['ARG TARGETARCH', ...steps('multi', [1, 2])]),
      tags: [tag, `${registry.address}/multi:2`],
    };
    const result = await run([multi], { platforms: BOTH.join(',') });
    expect(result.log).not.toContain('::error');
    expect(result.outputs).toMatchObject({ result: 'success', incidents: '1' });
    expect(result.images).toMatchObject({ multi: { attempts: 2, digest: await registry.digest('multi:1') } });
    expect(await platformsOf('multi:1')).toEqual(BOTH);
    expect(await platformsOf('multi:2')).toEqual(BOTH);
  });
});

describe.each<[string, (folder: string) => Promise<PrivateEngine>]>([
  ['podman without a server', async (at) => localStorage(at, 'podman')],
  ['buildah', async (at) => localStorage(at, 'buildah')],
  ['docker', (at) => privateDocker(at, { DOCKER_BUILDKIT: '0' })],
])('pushing from %s', (name, start) => {
  let engine: PrivateEngine;
  let workspace: string;
  beforeEach(async () => {
    workspace = mkdtempSync(join(folder, 'workspace-'));
    engine = await start(join(folder, 'engine'));
  });
  afterEach(async () => {
    await engine.close();
  });
  const run = (images: object[], inputs: Record<string, string> = {}) =>
    runBundle(
      { env: { ...engine.env, ...env }, inputs: { push: 'true', ...engine.inputs } },
      { workspace, temp: mkdtempSync(join(folder, 'temp-')) },
      images,
      inputs,
    );
  const image = (tag: string, lines = ['COPY rootfs/bin/busybox /again']) => ({
    ...writeImage(workspace, 'api', lines),
    tags: [tag],
  });

  it('tells the digest that the registry has', async () => {
    const result = await run([image(`${registry.address}/api:1`)]);
    expect(result.log).not.toContain('::error');
    expect(result.images).toMatchObject({ api: { verdict: 'success', digest: await registry.digest('api:1') } });
    expect(await registry.digest('api:1')).toMatch(/^sha256:/);
  });

  it('tries again on a registry that fails once, where it may', async () => {
    proxy.fail({ match: /^PUT .*\/manifests\//, fault: { kind: 'status', status: 500 } });
    const result = await run([image(`${proxy.address}/api:1`)], { 'retry-on': 'engine-crash,registry-flake' });
    expect(result.images).toMatchObject({ api: { verdict: 'success', digest: await registry.digest('api:1') } });
    expect(proxy.requests.filter(({ failed }) => failed)).toHaveLength(1);
  });

  it('calls a registry that is killed in the middle of a pull a flake', async () => {
    const base = image(`${registry.address}/base:1`);
    writeFileSync(join(workspace, 'api', 'rootfs', 'weight'), randomBytes(30 * 2 ** 20));
    expect(await run([base])).toMatchObject({ exitCode: 0 });
    const fresh = await start(join(folder, 'fresh'));
    try {
      const pulling = runBundle(
        { env: { ...fresh.env, ...env }, inputs: fresh.inputs },
        { workspace, temp: mkdtempSync(join(folder, 'temp-')) },
        [{ ...writeImage(workspace, 'child', []), tags: ['localhost/child:e2e'] }].map((child) => {
          writeFileSync(
            join(workspace, 'child', 'Containerfile'),
            `FROM ${proxy.address}/base:1\nCOPY rootfs/bin/busybox /c\n`,
          );
          return child;
        }),
      );
      while (!proxy.requests.some(({ line }) => /^GET .*\/blobs\//.test(line))) await sleep(1);
      await registry.kill();
      const result = await pulling;
      expect(result.images).toMatchObject({ child: { verdict: 'registry-flake', attempts: 1 } });
      expect(result.outputs['incidents']).toBe('0');
    } finally {
      await fresh.close();
    }
  });

  if (name !== 'docker') {
    it('pushes a list of two platforms under its digest', async () => {
      const lines = ['ARG TARGETARCH', 'RUN /bin/busybox true'];
      const result = await run([image(`${registry.address}/multi:1`, lines)], { platforms: BOTH.join('\n') });
      expect(result.log).not.toContain('::error');
      expect(result.images).toMatchObject({ api: { verdict: 'success', digest: await registry.digest('multi:1') } });
      expect(await platformsOf('multi:1')).toEqual(BOTH);
    });
  }
});
