// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose, templates of bake
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InterpolationError, interpolate } from '../../src/inputs/definitions/interpolate.js';
import { readDefinitions } from '../../src/inputs/definitions/read.js';
import { describeProblem } from '../../src/inputs/problems.js';
import { worldWith } from '../support/definition-world.js';
import { HOSTILE } from '../support/hostile-text.js';

const SECRET = 'hunter2hunter2';
const COMPOSE_KEYS = [
  'context',
  'dockerfile',
  'dockerfile_inline',
  'args',
  'ssh',
  'cache_from',
  'cache_to',
  'additional_contexts',
  'extra_hosts',
  'isolation',
  'privileged',
  'labels',
  'no_cache',
  'pull',
  'network',
  'shm_size',
  'target',
  'secrets',
  'tags',
  'ulimits',
  'platforms',
  'entitlements',
];
const BAKE_KEYS = [
  'args',
  'annotations',
  'attest',
  'cache-from',
  'cache-to',
  'call',
  'context',
  'contexts',
  'description',
  'dockerfile-inline',
  'dockerfile',
  'entitlements',
  'extra-hosts',
  'inherits',
  'labels',
  'network',
  'no-cache-filter',
  'no-cache',
  'output',
  'platforms',
  'pull',
  'secret',
  'shm-size',
  'ssh',
  'tags',
  'target',
  'ulimits',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    ...HOSTILE,
    '-x',
    'a',
    '.',
    '..',
    'a=b',
    'true',
    '64m',
    'id=x',
    'type=docker',
    'target:b',
    'service:b',
    '${A:-x}',
    '$A',
    '$$',
    '${',
    'https://x/y',
  ),
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    text,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'source', 'id', 'soft', '__proto__', 'type', 'b-c'), tie('value'), {
      maxKeys: 3,
    }),
    fc.constantFrom(null, 1, true, false),
  ),
})).value;
const name = fc.constantFrom('a', 'b', '_c', 'default', '__proto__', 'x y');
const keys = (known: string[]) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.constant('zzz')), value, { maxKeys: 3 });
/** What may be secret stands where secrets do, and nowhere else. */
const secretly = (build: Record<string, unknown>, at: string[]) =>
  Object.fromEntries(
    Object.entries(build).map(([key, item]) => [key, at.includes(key) ? { X: SECRET, Y: [SECRET], Z: item } : item]),
  );
const compose = fc.record({
  services: fc.dictionary(
    name,
    fc.oneof(
      value,
      fc.record(
        {
          build: fc.oneof(
            value,
            keys(COMPOSE_KEYS).map((build) => secretly(build, ['args', 'labels'])),
          ),
          image: text,
          profiles: value,
          environment: fc.constant({ PASSWORD: SECRET }),
        },
        { requiredKeys: ['build', 'environment'] },
      ),
    ),
    { maxKeys: 2 },
  ),
  secrets: fc.dictionary(name, value, { maxKeys: 2 }),
});
const bake = fc.record(
  {
    target: fc.dictionary(
      name,
      keys(BAKE_KEYS).map((target) => secretly(target, ['args', 'labels'])),
      { maxKeys: 3 },
    ),
    group: fc.dictionary(name, fc.record({ targets: fc.array(name, { maxLength: 3 }) }), { maxKeys: 3 }),
  },
  { requiredKeys: ['target'] },
);

/** How many were right; each problem is a line that shows no secret, and each image one that can be built. */
async function tryAll(path: string, files: fc.Arbitrary<unknown>): Promise<number> {
  let right = 0;
  await fc.assert(
    fc.asyncProperty(files, async (file) => {
      const world = worldWith({ [path]: JSON.stringify(file) }, {}, { A: 'x' });
      const { images, problems } = await readDefinitions(path, world);
      for (const line of problems.map(describeProblem)) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
        expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
        expect(line.length).toBeLessThan(2_000);
        expect(line).not.toContain(SECRET);
      }
      if (problems.length > 0 || images.length === 0) return;
      right += 1;
      for (const image of images) {
        expect(image.name).not.toBe('');
        expect(image.context ?? '.').not.toMatch(/^-/);
        expect(
          (image.extraArgs ?? []).every((argument) => /^--(network|shm-size|ulimit|add-host|ssh)=/.test(argument)),
        ).toBe(true);
      }
    }),
    { numRuns: 10_000 },
  );
  return right;
}

describe('the readers of definition files', () => {
  it('read any compose file', async () => {
    expect(await tryAll('compose.yaml', compose)).toBeGreaterThan(100);
  }, 120_000);

  it('read any bake file', async () => {
    expect(await tryAll('docker-bake.json', bake)).toBeGreaterThan(100);
  }, 120_000);

  it('fill in any text, or say why not', () => {
    const part = fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', '+', '$$', '${A', 'x', '${B:-', '\n', '\u2028');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        try {
          expect(
            interpolate(
              parts.join(''),
              (key) => (key === 'A' ? '1' : undefined),
              () => {},
            ),
          ).toEqual(expect.any(String));
        } catch (error) {
          expect(error).toBeInstanceOf(InterpolationError);
        }
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);
});
