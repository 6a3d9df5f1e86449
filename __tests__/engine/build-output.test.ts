import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BuildStep, createStepReader } from '../../src/engine/build-output.js';
import type { Dialect } from '../../src/journal/events.js';
import { evidenceOfTranscript, TRANSCRIPTS } from '../verdict/evidence.js';

function stepsOf(dialect: Dialect, ...chunks: (string | Buffer)[]): BuildStep[] {
  const steps: BuildStep[] = [];
  const reader = createStepReader(dialect, (step) => steps.push(step));
  for (const chunk of chunks) reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return steps;
}

const EXAMPLES: [string, Dialect, string, BuildStep[]][] = [
  [
    'podman',
    'podman-remote',
    'STEP 1/2: FROM scratch\n--> 1f2e\nSTEP 2/2: RUN go build ./...\n',
    [
      { step: '1/2', text: 'FROM scratch' },
      { step: '2/2', text: 'RUN go build ./...' },
    ],
  ],
  [
    'podman in several stages',
    'podman',
    '[1/2] STEP 3/7: COPY . .\n--> Using cache 12ab\n--> 12ab\n',
    [
      { step: '[1/2] 3/7', text: 'COPY . .' },
      { step: '[1/2] 3/7', text: 'COPY . .', cached: true },
    ],
  ],
  [
    'buildah with a remote cache',
    'buildah',
    'STEP 2/2: RUN x\n--> Cache pulled from remote \n',
    [
      { step: '2/2', text: 'RUN x' },
      { step: '2/2', text: 'RUN x', cached: true },
    ],
  ],
  [
    "docker's legacy builder",
    'docker-legacy',
    'Sending build context to Docker daemon  2kB\r\r\nStep 1/2 : FROM scratch\n ---> \nStep 2/2 : COPY a b\n ---> Using cache\n ---> 0c1d\n',
    [
      { step: '1/2', text: 'FROM scratch' },
      { step: '2/2', text: 'COPY a b' },
      { step: '2/2', text: 'COPY a b', cached: true },
    ],
  ],
  [
    'BuildKit, whose steps run side by side and are announced again',
    'buildkit',
    '#1 [internal] load build definition from Dockerfile\n#5 [1/2] COPY root/ /\n#6 [linux/amd64 app 2/3] RUN x\n#6 0.1 #7 [9/9] RUN y\n#5 CACHED\n\n#6 [linux/amd64 app 2/3] RUN x\n#6 DONE 0.3s\n#9 CACHED\n',
    [
      { step: '1/2', text: 'COPY root/ /' },
      { step: '[linux/amd64 app] 2/3', text: 'RUN x' },
      { step: '1/2', text: 'COPY root/ /', cached: true },
    ],
  ],
];

describe('the steps of a build', () => {
  it.each(EXAMPLES)('are read from the output of %s', (_, dialect, output, steps) => {
    expect(stepsOf(dialect, output)).toEqual(steps);
  });

  it.each(EXAMPLES)('are the same however the output of %s is cut', (_, dialect, output, steps) => {
    const bytes = Buffer.from(output);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const ends = [...cuts, bytes.length].sort((one, other) => one - other);
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(stepsOf(dialect, ...chunks)).toEqual(steps);
      }),
    );
  });

  it('are found in each real transcript that has any', () => {
    const counts = TRANSCRIPTS.map((transcript) => {
      const { dialect } = evidenceOfTranscript(transcript);
      const steps = stepsOf(dialect, transcript[createStepReader(dialect, () => {}).stream]);
      const told = (transcript.stdout + transcript.stderr).match(/^(STEP|Step|#\d+ \[\d+\/)/gm) ?? [];
      const cached = (transcript.stdout + transcript.stderr).match(/Using cache|CACHED/g) ?? [];
      expect(steps.filter((step) => step.cached)).toHaveLength(cached.length);
      expect(steps.filter((step) => !step.cached)).toHaveLength(new Set(told).size === 0 ? 0 : told.length);
      return steps.length;
    });
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(90);
  });

  it('keep a character that two chunks share', () => {
    const bytes = Buffer.from('STEP 1/1: RUN echo ä€😀\r\n');
    expect(stepsOf('podman', ...[...bytes].map((byte) => Buffer.from([byte])))).toEqual([
      { step: '1/1', text: 'RUN echo ä€😀' },
    ]);
  });

  it('have a text of one line, without control characters, cut between characters', () => {
    const [step] = stepsOf('podman', `STEP 1/1: RUN \u001b[31m\u0000x\ry\u2028 ${'😀'.repeat(2_000)}\n`);
    expect(step?.text).toMatch(/^RUN +\[31m x y +😀+…$/u);
    expect([...(step?.text ?? '')]).toHaveLength(200);
  });

  it.each([
    ['a line that does not end', 'x'],
    ['one that begins as a step does', 'S'],
  ])('cost no memory for %s', (_, character) => {
    const steps: BuildStep[] = [];
    const reader = createStepReader('podman', (step) => steps.push(step));
    const chunk = Buffer.alloc(1 << 20, character);
    const before = process.memoryUsage();
    for (let megabyte = 0; megabyte < 100; megabyte += 1) reader.push(chunk);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(20e6);
    reader.push(Buffer.from('\nSTEP 1/1: FROM scratch\n'));
    expect(steps).toEqual([{ step: '1/1', text: 'FROM scratch' }]);
  });

  it('are no more than 500, whatever is printed', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `STEP ${index}/9: RUN x\n--> Using cache 1\n`).join('');
    expect(stepsOf('podman', lines)).toHaveLength(500);
    const vertices = Array.from({ length: 10_000 }, (_, index) => `#${index} [1/2] RUN x\n`).join('');
    expect(stepsOf('buildkit', vertices)).toHaveLength(500);
  });

  it('are none in text that only looks alike', () => {
    const text =
      ' STEP 1/2: RUN x\nSTEP: x\nSTEP 1: RUN x\nxSTEP 1/2: y\n--> Using cache 1\n[1/2] COMMIT x\nStep 1/2 : RUN x\n';
    expect(stepsOf('podman', text)).toEqual([]);
  });
});
