import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Run, runBundle } from '../support/bundle-run.js';
import { privateDocker } from '../support/private-docker.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { writeImage } from '../support/workload.js';

const TOKEN = 'tok-Zk9/s3cr3t+value=that,is quite "long" enough to be broken over lines by base64';
const KEY =
  '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nabcDEFghiJKLmnoPQRstuVWXyz012345\n-----END KEY-----\n';
const FROM_ENVIRONMENT = 'environment-value-0815';

/** Everything by which the values could be told. */
const FORMS = [
  TOKEN,
  TOKEN.slice(4, 24),
  ...KEY.split('\n').filter((line) => line !== ''),
  FROM_ENVIRONMENT,
  ...[TOKEN, KEY, FROM_ENVIRONMENT].map((value) => Buffer.from(value).toString('base64').slice(0, 24)),
  Buffer.from(`x${TOKEN}`).toString('base64').slice(4, 28),
];

let folder: string;
let workspace: string;
let engine: PrivateEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-hidden-'));
  workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  mkdirSync(join(folder, 'temp'));
  writeFileSync(join(workspace, 'key.pem'), KEY);
});
afterEach(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const ENGINES: Record<string, (folder: string) => Promise<PrivateEngine>> = {
  'podman served': privatePodman,
  'podman local': async (at) => localStorage(at, 'podman'),
  buildah: async (at) => localStorage(at, 'buildah'),
};

const mount = (id: string) => `--mount=type=secret,id=${id}`;

/** Prints its secrets in every form, fails or not, and keeps what proves that it had them. */
function leaky(name: string, last: string) {
  return writeImage(workspace, name, [
    `RUN ${mount('token')} ${mount('key')} ${mount('env')} cat /run/secrets/token /run/secrets/key /run/secrets/env; ` +
      'cat /run/secrets/token >&2; base64 /run/secrets/token; fold -w 7 /run/secrets/token; ' +
      '(printf x; cat /run/secrets/token) | base64; base64 /run/secrets/key; tail -n 3 /run/secrets/key; ' +
      'for i in 1 2 3; do dd if=/run/secrets/token bs=1 count=20 skip=0 2>/dev/null; sleep 0.1; dd if=/run/secrets/token bs=1 skip=20 2>/dev/null; done; ' +
      `echo; sha256sum /run/secrets/token > /sum; sleep 1; ${last}`,
  ]);
}

function run(images: object[], inputs: Record<string, string> = {}, signal?: AbortSignal): Promise<Run> {
  const using = engine as PrivateEngine;
  const env = { ...using.env, MY_VALUE: FROM_ENVIRONMENT };
  const secrets = {
    secrets: `"token=${TOKEN.replaceAll('"', '""')}"`,
    'secret-envs': 'env=MY_VALUE',
    'secret-files': 'key=key.pem',
  };
  return runBundle(
    { ...using, env },
    { workspace, temp: join(folder, 'temp') },
    images,
    { ...secrets, ...inputs },
    signal,
  );
}

/** Looks for the values in the arguments of every process, and at the files that hold them, as long as it runs. */
function watchMachine() {
  const leaks = new Set<string>();
  const modes = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const args = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
      for (const form of FORMS) if (args.includes(form)) leaks.add(`${form} in ${args}`);
    }
    for (const file of filesBelow(join(folder, 'temp')).filter((path) => path.includes('secret-')))
      modes.add((unlessGone(() => statSync(file).mode & 0o777) ?? 0o600).toString(8));
  }, 30);
  return () => {
    clearInterval(timer);
    return { leaks: [...leaks], modes: [...modes] };
  };
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files of the run in which a value stands in some form. */
function leakingFiles(): string[] {
  return filesBelow(join(folder, 'temp')).filter((path) => {
    const text = readFileSync(path, 'utf8');
    return FORMS.some((form) => text.includes(form) || text.replace(/[\r\n]/g, '').includes(form));
  });
}

describe.each(Object.keys(ENGINES))('secrets with %s', (name) => {
  beforeEach(async () => {
    engine = await (ENGINES[name] as (typeof ENGINES)[string])(join(folder, 'engine'));
  });

  it('reach the build, and stand in nothing that is written', async () => {
    const stop = watchMachine();
    const result = await run([leaky('good', 'true'), leaky('bad', 'cat /run/secrets/token >&2; exit 3')]);
    const { leaks, modes } = stop();
    expect(result.images).toMatchObject({
      good: { verdict: 'success' },
      bad: { verdict: 'build-failed', attempts: 1 },
    });
    const sum = (engine as PrivateEngine).read('localhost/good:e2e', '/sum').toString();
    expect(sum).toContain(createHash('sha256').update(TOKEN).digest('hex'));
    expect(leaks).toEqual([]);
    expect(modes).toEqual(['600']);
    expect(leakingFiles()).toEqual([]);
    // The one place where a value stands is the request to the runner to hide it, which takes it out of the log.
    const log = result.log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    for (const form of FORMS) expect(log.join('\n')).not.toContain(form);
    expect(log.join('\n')).toContain('***');
    const masks = result.log.split('\n').filter((line) => line.startsWith('::add-mask::'));
    expect(masks.map((line) => line.slice(12)).sort()).toEqual(
      [TOKEN, FROM_ENVIRONMENT, KEY.trim().replaceAll('\n', '%0A')].sort(),
    );
    // Nor in the report, the summary and the outputs, which are among the files.
    expect(readdirSync(join(folder, 'temp')).filter((file) => file.includes('scratch'))).toEqual([]);
    expect(filesBelow(join(workspace, 'good')).filter((file) => file.includes('secret'))).toEqual([]);
  });

  it('are gone when the run is cancelled', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 1_500);
    const result = await run([leaky('slow', 'sleep 20')], {}, cancel.signal);
    expect(result.outputs['result']).toBe('cancelled');
    expect(leakingFiles()).toEqual([]);
    expect(filesBelow(workspace).filter((file) => file.includes('secret'))).toEqual([]);
  });
});

describe('the legacy docker builder', () => {
  it('cannot have secrets, and says so before anything is built', async () => {
    engine = await privateDocker(join(folder, 'engine'), { DOCKER_BUILDKIT: '0' });
    const result = await run([leaky('good', 'true')]);
    expect(result.exitCode).toBe(1);
    expect(result.log).toMatch(/image "good": secrets: .*docker-legacy.*buildx/);
    expect(leakingFiles()).toEqual([]);
  });
});
