import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ClientDialect, type Ending, VERDICT_CLASSES } from '../../src/journal/events.js';
import { classify } from '../../src/verdict/classify.js';
import { ALL_DIALECTS, LOAD_TRANSCRIPTS, PUSH_TRANSCRIPTS, SIGHTINGS } from '../verdict/evidence.js';

const DIALECTS: ClientDialect[] = [...ALL_DIALECTS, 'cluster'];
const KNOWN = SIGHTINGS.flatMap(({ exampleLines }) => exampleLines);
const FAILED = [...PUSH_TRANSCRIPTS, ...LOAD_TRANSCRIPTS];
const linesOf = (text: string) => text.split('\n').filter((said) => said.trim() !== '');
/** Error lines of builds, and all that clients said whose pushes and loads failed. */
const LINES = [...new Set([...KNOWN, ...FAILED.flatMap(({ stderr }) => linesOf(stderr))])];
/** Of those one for each way to fail, as each is made a megabyte long. */
const LONG = [
  ...KNOWN,
  ...new Map(FAILED.map(({ case: how, stderr }) => [how, linesOf(stderr).at(-1) ?? ''])).values(),
];

const line = fc.oneof(
  fc.constantFrom(...LINES),
  fc
    .tuple(fc.constantFrom(...LINES), fc.nat(200), fc.string({ unit: 'binary', maxLength: 10 }))
    .map(([known, at, extra]) => known.slice(0, at) + extra + known.slice(at)),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const output = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((code): Ending => ({ kind: 'exited', code })),
  fc.constantFrom<Ending>(
    { kind: 'signalled', signal: 'SIGKILL' },
    { kind: 'signalled', signal: 'SIGTERM' },
    { kind: 'signalled', signal: 'SIGSYS' },
  ),
);

describe('the classifier', () => {
  it('has a verdict of a known class for any failure, with evidence in lines', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DIALECTS),
        ending,
        output,
        output,
        fc.option(fc.boolean(), { nil: undefined }),
        (dialect, how, stdout, stderr, engineDied) => {
          const verdict = classify({
            dialect,
            ending: how,
            imageExists: false,
            stdout,
            stderr,
            ...(engineDied === undefined ? {} : { engineDied }),
          });
          expect(VERDICT_CLASSES).toContain(verdict?.class);
          expect(verdict?.evidence.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 10_000 },
    );
  }, 60_000);

  /** Texts on which a pattern that goes back over its steps would take minutes. */
  const hostile = [
    ...LONG.map((known) => known.repeat(Math.ceil(1_000_000 / Math.max(1, known.length)))),
    ...LONG.map((known) => `${known.slice(0, known.length / 2)}${' '.repeat(1_000_000)}`),
    ...[
      '"',
      "'",
      '\\',
      ' ',
      ':',
      'a',
      '/',
      '(',
      'Error: ',
      'error building at STEP "',
      'https://',
      'http://a?',
      '\x1b[',
      '\x1b]',
      '\t \t',
    ].map((part) => part.repeat(1_000_000 / part.length)),
  ];

  it('reads a megabyte without a line end in linear time, whatever it is', () => {
    const slow: string[] = [];
    for (const text of hostile) {
      for (const dialect of DIALECTS) {
        const began = performance.now();
        classify({
          dialect,
          ending: { kind: 'exited', code: 125 },
          imageExists: false,
          stdout: '',
          stderr: text,
          engineDied: false,
        });
        // Some milliseconds; a quadratic pattern takes minutes.
        if (performance.now() - began > 2_000) slow.push(`${dialect}: ${text.slice(0, 60)}`);
      }
    }
    expect(slow).toEqual([]);
  }, 120_000);
});
