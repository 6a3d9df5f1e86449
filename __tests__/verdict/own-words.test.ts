import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Dialect } from '../../src/journal/events.js';
import { readOwnWords } from '../../src/verdict/own-words.js';
import { ALL_DIALECTS } from './evidence.js';

const STEP = 'Error: building at STEP "RUN make": while running runtime: exit status 2';
const DEPRECATED = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0
            environment-variable.

`;

const lastOf = (dialect: Dialect, stderr: string) => readOwnWords(dialect, '', stderr).last;

describe('the client’s own last error line', () => {
  it.each<[string, Dialect, string, string]>([
    ['the last that is not empty', 'podman-remote', `${STEP}\n\n`, STEP],
    ['found without a newline at its end', 'podman', STEP, STEP],
    ['freed of Windows line ends', 'podman-remote', `${STEP}\r\n\r\n`, STEP],
    ['freed of colours', 'buildkit', '\x1b[31mERROR: boom\x1b[0m\n', 'ERROR: boom'],
    ['freed of window titles', 'docker-legacy', '\x1b]0;title\x07boom\n', 'boom'],
    [
      'above podman’s usage help',
      'podman',
      "Error: unknown flag: --x\nSee 'podman build --help'\n",
      'Error: unknown flag: --x',
    ],
    [
      'above docker 20’s usage help',
      'docker-legacy',
      "unknown flag: --x\nSee 'docker build --help'.\n",
      'unknown flag: --x',
    ],
    [
      'above docker 28’s usage help',
      'buildkit',
      "unknown flag: --x\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n\nRun 'docker buildx build --help' for more information\n",
      'unknown flag: --x',
    ],
    [
      'above docker’s advice',
      'buildkit',
      'ERROR: boom\n\nView build details: docker-desktop://x\n\nWhat’s next:\n    ask\n'.replace('’', "'"),
      'ERROR: boom',
    ],
    [
      'above where to get buildx',
      'buildkit',
      'ERROR: no buildx.\n       Install it:\n       https://docs.docker.com/go/buildx/\n',
      'ERROR: no buildx.',
    ],
    [
      'above a warning',
      'podman',
      `${STEP}\ntime="2026-01-15T12:00:00Z" level=warning msg="slow"\nWARN[0003] slow\n`,
      STEP,
    ],
    [
      'above the exit code that rootless buildah adds',
      'buildah',
      `${STEP}\ntime="2026-01-15T12:00:00Z" level=error msg="exit status 2"\n`,
      STEP,
    ],
    ['under the notice of docker’s legacy builder', 'docker-legacy', `${DEPRECATED}unexpected EOF\n`, 'unexpected EOF'],
    ['cut out from behind output without a newline', 'podman', `\r 99%\r100%${STEP}\n`, STEP],
    [
      'redacted',
      'podman-remote',
      'Error: Post "http://d/v5.0.0/libpod/build?a=b": EOF\n',
      'Error: Post "http://d/v5.0.0/libpod/build?…": EOF',
    ],
    [
      'the end of an instruction with line breaks',
      'podman',
      'Error: building at STEP "RUN sh -c a\nb": while running runtime: exit status 2\n',
      'b": while running runtime: exit status 2',
    ],
    [
      'whole when an instruction holds a carriage return',
      'podman',
      STEP.replace('make', 'a\rb'),
      STEP.replace('make', 'a b'),
    ],
  ])('is %s', (_, dialect, stderr, expected) => {
    expect(lastOf(dialect, stderr)).toBe(expected);
  });

  it.each<[string, Dialect, string]>([
    ['nothing was printed', 'podman', ''],
    ['there are only empty lines', 'docker-legacy', '\n\r\n\n'],
    ['there is only the notice of docker’s legacy builder', 'docker-legacy', DEPRECATED],
    ['the output of a local step is all there is', 'podman', 'compiling a.c\nwarning: unused\n'],
    [
      'BuildKit’s progress is all there is',
      'buildkit',
      '#0 building with "default"\n\n#6 [3/3] RUN make\n#6 0.080 unexpected EOF\n',
    ],
    [
      'BuildKit’s excerpts are all there is',
      'buildkit',
      '------\n > [2/2] RUN make:\n0.066 unexpected EOF\n------\nDockerfile:3\n--------------------\n   3 | >>> RUN make\n--------------------\n',
    ],
    ['there are only warnings', 'podman-remote', 'time="2026-01-15T12:00:00Z" level=warning msg="slow"\n'],
    ['a step wrote a carriage return into BuildKit’s progress', 'buildkit', '#6 0.080 x\runexpected EOF\n'],
  ])('is absent when %s', (_, dialect, stderr) => {
    expect(lastOf(dialect, stderr)).toBeUndefined();
  });

  it.each(['a', '"', ' ', '\x1b', '\x1b[', '\x1b]', '?', '://', '": ', 'Error: '])(
    'is never longer than a pattern may look at, though a megabyte of %j is printed',
    (filler) => {
      const stderr = `Error: ${filler.repeat(1_000_000 / filler.length)}.\n`;
      for (const dialect of ALL_DIALECTS) {
        const { last, above } = readOwnWords(dialect, stderr, stderr);
        expect(Math.max(0, ...[last ?? '', ...above].map((line) => line.length))).toBeLessThan(5_000);
      }
    },
  );

  it('keeps both ends of a long line, where the errors say what they are', () => {
    const last = lastOf('podman', `Error: building at STEP "RUN ${'x'.repeat(1_000_000)}": exit status 7\n`);
    expect(last?.startsWith('Error: building at STEP "RUN x')).toBe(true);
    expect(last?.endsWith('x": exit status 7')).toBe(true);
  });

  it('never throws, and holds no line break', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_DIALECTS),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (dialect, stdout, stderr) => {
          expect(readOwnWords(dialect, stdout, stderr).last ?? '').not.toMatch(/[\r\n]/);
        },
      ),
    );
  });
});

describe('the lines above it', () => {
  it('are with a served podman those on stdout too', () => {
    expect(readOwnWords('podman-remote', 'container exited on killed\n', `x\n${STEP}\n\n`).above).toEqual([
      'x',
      'container exited on killed',
      '',
    ]);
  });

  it('are with docker’s legacy builder not those on stdout, apart from the last step’s header', () => {
    const words = readOwnWords('docker-legacy', 'Step 1/2 : FROM a\nStep 2/2 : RUN b\n ---> Running in c\n', 'x\ny\n');
    expect(words).toEqual({ last: 'y', above: ['x'], step: 'Step 2/2 : RUN b' });
  });
});
