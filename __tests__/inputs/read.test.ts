import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { INPUT_DEFAULTS } from '../../src/inputs/defaults.js';
import { InputError } from '../../src/inputs/problems.js';
import { readInputs } from '../../src/inputs/read.js';
import { read } from './reading.js';

describe('readInputs', () => {
  it('has a default for everything but the images', () => {
    expect(read({})).toEqual({
      problems: [],
      inputs: {
        images: [{ name: 'api' }],
        targets: [],
        engine: 'auto',
        maxParallel: 2,
        retries: 3,
        retryMinTimeoutMs: 5_000,
        retryMaxTimeoutMs: 60_000,
        retryFactor: 2,
        serialAfter: 2,
        retryOn: ['engine-crash'],
        recovery: 'wait',
        recoveryTimeoutMs: 120_000,
        stallTimeoutMs: 120_000,
        timeoutMs: 900_000,
        failFast: false,
        cleanup: true,
        prune: false,
        cache: 'history',
        learn: true,
        sharedLane: true,
        buildArgs: {},
        labels: {},
        load: [],
        secrets: {},
        platforms: [],
        pull: false,
        push: false,
        noCache: false,
        fresh: false,
        extraArgs: [],
        summary: true,
        annotations: true,
      },
    });
  });

  it.each<[string, string, object]>([
    ['targets', 'api, web\nworker\n', { targets: ['api', 'web', 'worker'] }],
    ['engine', 'podman', { engine: 'podman' }],
    ['engine', ' buildah\n', { engine: 'buildah' }],
    ['engine-url', 'unix:///run/podman/podman.sock', { engineUrl: 'unix:///run/podman/podman.sock' }],
    ['engine-url', 'tcp://127.0.0.1:2375', { engineUrl: 'tcp://127.0.0.1:2375' }],
    ['engine-url', 'ssh://core@localhost:22/run/x.sock', { engineUrl: 'ssh://core@localhost:22/run/x.sock' }],
    ['engine-url', 'npipe:////./pipe/docker_engine', { engineUrl: 'npipe:////./pipe/docker_engine' }],
    ['builder', 'my-builder', { builder: 'my-builder' }],
    ['max-parallel', '12', { maxParallel: 12 }],
    ['retries', '0', { retries: 0 }],
    ['retry-min-timeout', '0s', { retryMinTimeoutMs: 0 }],
    ['retry-max-timeout', '5m', { retryMaxTimeoutMs: 300_000 }],
    ['retry-factor', '1.5', { retryFactor: 1.5 }],
    ['serial-after', '0', { serialAfter: 0 }],
    ['recovery-timeout', '90', { recoveryTimeoutMs: 90_000 }],
    [
      'retry-on',
      'engine-crash, registry-flake\nstorage-contention',
      { retryOn: ['engine-crash', 'registry-flake', 'storage-contention'] },
    ],
    ['recovery', 'restart', { recovery: 'restart' }],
    ['recovery', 'none', { recovery: 'none' }],
    ['stall-timeout', '30s', { stallTimeoutMs: 30_000 }],
    ['deadline', '30m', { deadlineMs: 1_800_000 }],
    ['timeout', '1h', { timeoutMs: 3_600_000 }],
    ['fail-fast', 'TRUE', { failFast: true }],
    ['cleanup', 'false', { cleanup: false }],
    ['min-free-disk', '2GiB', { minFreeDiskBytes: 2_147_483_648 }],
    ['build-args', 'A=1, 2 \n  B=x=y\nC\nD=\n\n', { buildArgs: { A: '1, 2 ', B: 'x=y', C: null, D: '' } }],
    ['build-args', 'A=1\r\nB=2\r\n', { buildArgs: { A: '1', B: '2' } }],
    ['labels', 'team=e2e, all\na=', { labels: { team: 'e2e, all', a: '' } }],
    ['platforms', 'linux/amd64,linux/arm64', { platforms: ['linux/amd64', 'linux/arm64'] }],
    ['pull', 'True', { pull: true }],
    ['push', 'true', { push: true }],
    ['no-cache', 'true', { noCache: true }],
    ['fresh', 'true', { fresh: true }],
    ['extra-args', '--network=host\n--annotation=a, b\n', { extraArgs: ['--network=host', '--annotation=a, b'] }],
    ['cache', 'off', { cache: 'off' }],
    ['learn', 'false', { learn: false }],
    ['summary', 'False', { summary: false }],
    ['annotations', 'false', { annotations: false }],
    ['report', 'out/report', { report: 'out/report' }],
  ])('reads %s: %j', (name, text, fields) => {
    const { inputs, problems } = read({ [name]: text });
    expect(problems).toEqual([]);
    expect(inputs).toEqual({ ...read({}).inputs, ...fields });
  });

  it.each([
    ['retry-on', 'build-failed', 'any of engine-crash, registry-flake, storage-contention'],
    ['recovery', 'reboot', 'one of wait, restart, none'],
    ['deadline', 'soon', 'a duration above zero such as 30s, 5m, 1h30m or 90 (seconds)'],
    ['stall-timeout', '0s', 'a duration above zero such as 30s, 5m, 1h30m or 90 (seconds)'],
    ['engine', 'containerd', 'one of auto, podman, docker, buildah'],
    ['engine', 'Podman', 'one of auto, podman, docker, buildah'],
    ['engine-url', '/run/podman.sock', 'an address that begins with unix://'],
    ['engine-url', 'http://localhost', 'an address that begins with unix://'],
    ['engine-url', 'tcp://', 'an address that begins with unix://'],
    ['builder', '--driver', 'the name of a buildx builder'],
    ['max-parallel', 'zero', 'a whole number of at least 1'],
    ['max-parallel', '0', 'a whole number of at least 1'],
    ['max-parallel', '2.5', 'a whole number of at least 1'],
    ['max-parallel', '1e3', 'a whole number of at least 1'],
    ['max-parallel', '99999999999999999999', 'a whole number of at least 1'],
    ['retries', '-1', 'a whole number of at least 0'],
    ['retry-min-timeout', 'soon', 'a duration such as 5s, 1m30s or 0s'],
    ['retry-max-timeout', '-5s', 'a duration such as 5s, 1m30s or 0s'],
    ['retry-factor', '0.5', 'a number of at least 1'],
    ['retry-factor', 'Infinity', 'a number of at least 1'],
    ['serial-after', 'never', 'a whole number of at least 0'],
    ['recovery-timeout', '0', 'a duration above zero'],
    ['timeout', '15 minutes', 'a duration above zero'],
    ['fail-fast', 'yes', 'true or false'],
    ['cleanup', 'all', 'true or false'],
    ['min-free-disk', '5%', 'a size above zero such as 500MB, 2GiB, 1.5G or 2000000000 (bytes)'],
    ['build-args', '=x', '`KEY=VALUE`, or `KEY` alone'],
    ['labels', 'team', '`KEY=VALUE`'],
    ['pull', 'always', 'true or false'],
    ['push', 'by-digest', 'true or false'],
    ['no-cache', '1', 'true or false'],
    ['fresh', 'yes', 'true or false'],
    ['cache', 'none', 'one of off, history, images'],
    ['learn', '0', 'true or false'],
    ['summary', 'tRue', 'true or false'],
    ['annotations', 'no', 'true or false'],
  ])('reports %s: %j, and takes the default', (name, text, expected) => {
    const { inputs, problems } = read({ [name]: text });
    expect(problems).toEqual([expect.stringContaining(`${name}: seen "${text}", expected ${expected}`)]);
    expect(inputs).toEqual(read({}).inputs);
  });

  it.each([
    [
      'a first wait longer than the longest',
      { 'retry-min-timeout': '2m' },
      'retry-min-timeout: seen "2m", expected at most retry-max-timeout, which is 60s',
    ],
    [
      'a longest wait shorter than the first',
      { 'retry-max-timeout': '1s' },
      'retry-min-timeout: seen "5s", expected at most retry-max-timeout, which is 1s',
    ],
    [
      'a builder with podman',
      { engine: 'podman', builder: 'b' },
      'builder: seen "b", expected no builder with engine podman',
    ],
    [
      'a builder with buildah',
      { engine: 'buildah', builder: 'b' },
      'builder: seen "b", expected no builder with engine buildah',
    ],
    [
      'an address with buildah',
      { engine: 'buildah', 'engine-url': 'unix:///x' },
      'engine-url: seen "unix:///x", expected no address with engine buildah',
    ],
  ])('reports %s', (_, given, problem) => {
    expect(read(given).problems).toEqual([expect.stringContaining(problem)]);
  });

  it('does not compare waits of which one is wrong already', () => {
    expect(read({ 'retry-min-timeout': 'soon', 'retry-max-timeout': '1s' }).problems).toHaveLength(1);
  });

  it('takes equal waits, and a builder with docker or auto', () => {
    expect(read({ 'retry-min-timeout': '60s', 'retry-max-timeout': '1m', builder: 'b' }).problems).toEqual([]);
    expect(read({ engine: 'docker', builder: 'b', 'engine-url': 'tcp://x:1' }).problems).toEqual([]);
  });

  it('keeps build arguments and labels under any key', () => {
    const { inputs } = read({ 'build-args': '__proto__=x', labels: 'constructor=y' });
    expect(Object.entries(inputs.buildArgs)).toEqual([['__proto__', 'x']]);
    expect(Object.entries(inputs.labels)).toEqual([['constructor', 'y']]);
  });

  it('takes fresh or no-cache for the run, and either for an image', () => {
    expect(read({ fresh: 'true', 'no-cache': 'true' }).problems).toEqual([
      'no-cache: seen "true", expected no no-cache for every image with fresh, as no image could share what another one built; leave it out, or set it on the images that must build each step themselves',
    ]);
    expect(read({ fresh: 'true', images: '[{ name: a, no-cache: true }]' }).problems).toEqual([]);
  });

  it('prunes nothing that goes nowhere', () => {
    expect(read({ prune: 'true' }).problems).toEqual([
      'prune: seen "true", expected archive or push or load with it: images that go nowhere would be built and lost; say where images go, or leave prune out',
    ]);
    expect(read({ prune: 'true', archive: 'images' }).problems).toEqual([]);
  });

  it('runs a recovery-command only where the engine is to be restarted', () => {
    const command = { 'recovery-command': 'systemctl restart x' };
    expect(read(command).problems).toEqual([
      'recovery-command: seen "systemctl restart x", expected no command with recovery wait; set recovery: restart to have it run',
    ]);
    expect(read({ ...command, recovery: 'restart' })).toMatchObject({
      problems: [],
      inputs: { recoveryCommand: 'systemctl restart x' },
    });
  });

  it('reports everything that is wrong at once', () => {
    const wrong = Object.fromEntries(Object.keys(INPUT_DEFAULTS).map((name) => [name, '-']));
    const given = { ...wrong, images: '[{name: a, contxt: x}, {name: a, pull: maybe}]', labels: 'a\nb=1\nc' };
    const { problems } = readInputs((name) => given[name as keyof typeof given] ?? '');
    expect(problems.map((problem) => problem.where)).toEqual([
      'images[0] "a": contxt',
      'images[1] "a": pull',
      'images[1] "a": name',
      'engine-url',
      'builder',
      'archive-format',
      'archive-compression',
      'archive-layout',
      'deadline',
      'min-free-disk',
      'engine',
      'max-parallel',
      'retries',
      'retry-min-timeout',
      'retry-max-timeout',
      'retry-factor',
      'serial-after',
      'retry-on',
      'recovery',
      'stall-timeout',
      'recovery-timeout',
      'timeout',
      'fail-fast',
      'cleanup',
      'prune',
      'cache',
      'learn',
      'shared-lane',
      'labels',
      'labels',
      'pull',
      'no-cache',
      'fresh',
      'push',
      'summary',
      'annotations',
      'secrets',
      'secret-envs',
      'secret-files',
      'load',
    ]);
    expect(new InputError(problems).message.split('\n')).toHaveLength(problems.length);
  });

  it('never throws, whatever the inputs hold', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          '- ',
          'name',
          ': ',
          '\n',
          '  ',
          '{',
          '}',
          '[',
          ']',
          '&a ',
          '*a',
          '"',
          "'",
          ',',
          'tags',
          '<<',
          '~',
          '#',
          '!',
          '|',
          '? ',
        ),
      )
      .map((parts) => parts.join(''));
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), yamlish);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(INPUT_DEFAULTS)), anything), (given) => {
        const { inputs, problems } = readInputs((name) => given[name] ?? '');
        expect(() => new InputError(problems)).not.toThrow();
        expect(inputs.images.length > 0 || problems.length > 0).toBe(true);
      }),
    );
  });

  it('takes any JSON as an image without losing it: it is read or reported', () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { minLength: 1, maxLength: 3 }), (images) => {
        const { inputs, problems } = read({ images: `[${images.join(',')}]` });
        expect(inputs.images.length === images.length || problems.length > 0).toBe(true);
      }),
    );
  });
});
