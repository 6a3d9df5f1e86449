// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Containerfiles
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { INPUT_DEFAULTS } from '../../src/inputs/defaults.js';
import { IMAGE_KEYS } from '../../src/inputs/image-keys.js';
import { describeProblem } from '../../src/inputs/problems.js';
import { readInputs } from '../../src/inputs/read.js';
import { findNeeds } from '../../src/plan/needs.js';
import { planImages } from '../../src/plan/plan.js';
import { diskWith, PLACE } from '../plan/disk.js';
import { HOSTILE } from '../support/hostile-text.js';

const WORDS = [
  'a',
  '- ',
  ': ',
  '&x ',
  '*x',
  '{',
  '}',
  '[',
  ']',
  ',',
  '\n',
  '  ',
  '"',
  "'",
  '|',
  '>',
  '#',
  '? ',
  '!!',
  '<<: ',
  '---',
  '\t',
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(...HOSTILE, '-x', '--flag', 'id=x,src=y', '../..', '/', 'a=b', 'true', '1', '5m', 'https://x/y#z:w'),
);
const key = fc.oneof(fc.constantFrom(...Object.keys(IMAGE_KEYS)), text);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
  ),
})).value;
const yaml = fc
  .array(fc.constantFrom(...WORDS, ...Object.keys(IMAGE_KEYS)), { maxLength: 60 })
  .map((words) => words.join(''));
const json = fc
  .array(fc.dictionary(key, value, { maxKeys: 6 }), { maxLength: 4 })
  .map((images) => JSON.stringify(images));
const name = fc.constantFrom('a', 'b c', 'web', '1.20', '__proto__', '-x');
const plain = fc
  .dictionary(
    name,
    fc.record(
      {
        tags: fc.constantFrom('a:1', 'x/y:z'),
        target: fc.constantFrom('t', '-t'),
        labels: fc.dictionary(name, text, { maxKeys: 2 }),
        needs: fc.oneof(name, text),
        'build-contexts': fc.dictionary(
          name,
          fc.oneof(name, text).map((of) => `target:${of}`),
          { maxKeys: 1 },
        ),
      },
      { requiredKeys: [] },
    ),
    { minKeys: 1, maxKeys: 3 },
  )
  .map((images) => JSON.stringify(images));
/** One that takes from an image that may be in the set, by a name with anything in it. */
const froms = fc
  .tuple(text, fc.constantFrom('a:1', 'x/y:z', '${A}', '${A:-${B:-a:1}}'))
  .map(([any, of]) => `ARG A=${any}\nFROM ${of} AS ${any}\nCOPY --from=${of} / /\n`);
const others = fc.dictionary(fc.constantFrom(...Object.keys(INPUT_DEFAULTS)), text, { maxKeys: 6 });

describe('the input parser', () => {
  it('reads anything, and tells each problem on a line that cannot be more than that', async () => {
    let right = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(yaml, json, plain, text),
        fc.oneof(others, fc.constant({})),
        fc.oneof(text, froms),
        async (images, given, containerfile) => {
          const { inputs, problems } = readInputs(
            (name) => ({ ...(given as Record<string, string>), images })[name] ?? '',
          );
          const place = { ...PLACE, disk: diskWith('Containerfile', 'a/Containerfile') };
          const needs = await findNeeds(inputs, { ...place, read: () => containerfile });
          const planned = planImages(inputs, place, needs);
          for (const problem of [...problems, ...planned.problems]) {
            const line = describeProblem(problem);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
            expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
            expect(line.length).toBeLessThan(2_000);
          }
          if (problems.length > 0 || planned.problems.length > 0) return;
          right += 1;
          for (const image of planned.plan.images) {
            expect(image.name).not.toBe('');
            expect(image.tags.every((tag) => !tag.startsWith('-'))).toBe(true);
            expect(image.context).toMatch(/^(?:\/|https?:|git:|ssh:|git@)/);
          }
        },
      ),
      { numRuns: 10_000 },
    );
    // Most of it is nonsense; some of it must be none, or nothing was tried.
    expect(right).toBeGreaterThan(10);
  }, 60_000);
});
