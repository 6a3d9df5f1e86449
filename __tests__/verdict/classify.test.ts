import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Ending, VerdictClass } from '../../src/journal/events.js';
import { type AttemptEvidence, classify, needsEngineState } from '../../src/verdict/classify.js';
import { ALL_DIALECTS } from './evidence.js';

const exited = (code: number): Ending => ({ kind: 'exited', code });

function evidence(values: Partial<AttemptEvidence>): AttemptEvidence {
  return { dialect: 'podman-remote', ending: exited(125), stdout: '', stderr: '', ...values };
}

const QUIT = 'Error: server probably quit: unexpected EOF\n';
const STEP = 'Error: building at STEP "RUN make": while running runtime: exit status 2\n';

describe('what we did ourselves', () => {
  it.each<[string, Ending, VerdictClass, string]>([
    ['a cancelled attempt', { kind: 'cancelled', reason: 'SIGINT' }, 'cancelled', 'we ended the attempt: SIGINT'],
    [
      'an attempt past its time limit',
      { kind: 'timed-out', afterMs: 90_000 },
      'timeout',
      'we ended the attempt after 90 s, its time limit',
    ],
    [
      'a command that is missing',
      { kind: 'not-spawned', reason: 'podman is not installed' },
      'usage-error',
      'the build command could not be started: podman is not installed',
    ],
  ])('decides: %s', (_, ending, expected, sentence) => {
    for (const dialect of ALL_DIALECTS) {
      const given = evidence({ dialect, ending, stderr: QUIT, engineDied: true });
      expect(classify(given)).toEqual({ class: expected, evidence: [sentence] });
      expect(needsEngineState(given)).toBe(false);
    }
  });
});

describe('exit 0', () => {
  it('is a success when the image exists, whatever was printed', () => {
    for (const dialect of ALL_DIALECTS) {
      const given = evidence({ dialect, ending: exited(0), imageExists: true, stderr: QUIT, engineDied: true });
      expect(classify(given)).toBeUndefined();
      expect(needsEngineState(given)).toBe(false);
    }
  });

  it.each<[string, Partial<AttemptEvidence>, VerdictClass]>([
    ['a failed build', { dialect: 'podman-remote', imageExists: false }, 'build-failed'],
    ['a failed build also when nobody looked', { dialect: 'buildkit' }, 'build-failed'],
    ['a failed build with buildah', { dialect: 'buildah', imageExists: false }, 'build-failed'],
    ['a cancelled build with local podman', { dialect: 'podman', imageExists: false }, 'cancelled'],
    [
      'a crash when the engine died',
      { dialect: 'docker-legacy', imageExists: false, engineDied: true },
      'engine-crash',
    ],
    [
      'a failed build when it did not',
      { dialect: 'docker-legacy', imageExists: false, engineDied: false },
      'build-failed',
    ],
  ])('without an image is %s', (_, values, expected) => {
    const verdict = classify(evidence({ ending: exited(0), ...values }));
    expect(verdict?.class).toBe(expected);
    expect(verdict?.evidence[0]).toContain('exit 0 without an image');
  });

  it('without an image needs the state of a server, and of nothing local', () => {
    const asks = ALL_DIALECTS.filter((dialect) =>
      needsEngineState(evidence({ dialect, ending: exited(0), imageExists: false })),
    );
    expect(asks).toEqual(['podman-remote', 'docker-legacy', 'buildkit']);
  });
});

describe('a signal that we did not send', () => {
  it.each<[string, VerdictClass]>([
    ['SIGTERM', 'cancelled'],
    ['SIGINT', 'cancelled'],
    ['SIGHUP', 'cancelled'],
    ['SIGKILL', 'engine-crash'],
    ['SIGSEGV', 'engine-crash'],
    ['SIGABRT', 'engine-crash'],
    ['SIGBUS', 'engine-crash'],
    ['SIGPIPE', 'build-failed'],
  ])('%s is %s in every dialect', (signal, expected) => {
    for (const dialect of ALL_DIALECTS) {
      expect(classify(evidence({ dialect, ending: { kind: 'signalled', signal }, stderr: STEP }))?.class).toBe(
        expected,
      );
    }
  });

  it.each<[number, VerdictClass]>([
    [129, 'cancelled'],
    [130, 'cancelled'],
    [143, 'cancelled'],
    [134, 'engine-crash'],
    [135, 'engine-crash'],
    [137, 'engine-crash'],
    [139, 'engine-crash'],
    [141, 'build-failed'],
  ])('counts also as exit code %i without an error line, as %s', (code, expected) => {
    for (const dialect of ALL_DIALECTS) {
      const stderr = dialect === 'buildkit' ? '#6 0.080 Error: x\n' : dialect === 'docker-legacy' ? '' : 'compiling\n';
      expect(classify(evidence({ dialect, ending: exited(code), stderr }))?.class).toBe(expected);
    }
  });

  it('is not what an exit code says that comes with an error line', () => {
    const stderr = 'Error: building at STEP "RUN x": while running runtime: exit status 137\n';
    expect(classify(evidence({ dialect: 'podman', ending: exited(137), stderr }))?.class).toBe('build-failed');
  });

  it('makes local podman exit with 1 and no error line', () => {
    const stderr = 'the output of a step\n';
    expect(classify(evidence({ dialect: 'podman', ending: exited(1), stderr }))?.class).toBe('cancelled');
    expect(classify(evidence({ dialect: 'podman-remote', ending: exited(1) }))?.class).toBe('build-failed');
  });
});

describe('the client’s own words', () => {
  it('are kept in the verdict with the signature that they match', () => {
    expect(classify(evidence({ stderr: QUIT }))).toEqual({
      class: 'engine-crash',
      evidence: ['the server went away in the middle of the build, or the connection to it did'],
      line: 'Error: server probably quit: unexpected EOF',
      signature: 'podman-server-quit',
    });
  });

  it('count before the state of the engine when they are definite', () => {
    const given = evidence({ stderr: STEP, engineDied: true });
    expect(classify(given)?.class).toBe('build-failed');
    expect(needsEngineState(given)).toBe(false);
  });

  it('count on stderr alone with a served podman', () => {
    expect(classify(evidence({ stdout: QUIT, stderr: STEP }))?.class).toBe('build-failed');
  });

  it('say which state of the engine they were judged by when they are ambiguous', () => {
    const stderr = 'ERROR: failed to solve: Canceled: context canceled\n';
    const judged = (state: Partial<AttemptEvidence>) =>
      classify(evidence({ dialect: 'buildkit', ending: exited(1), stderr, ...state }));
    expect(judged({})).toMatchObject({ class: 'cancelled', signature: 'buildkit-canceled' });
    expect(judged({})?.evidence[1]).toBe('whether the engine died is not known');
    expect(judged({ engineDied: false })?.evidence[1]).toBe('the engine did not die within this attempt');
    expect(judged({ engineDied: true })).toMatchObject({ class: 'engine-crash', signature: 'buildkit-canceled' });
    expect(judged({ engineDied: true })?.evidence[0]).toBe('the engine died within this attempt');
    expect(needsEngineState(evidence({ dialect: 'buildkit', ending: exited(1), stderr }))).toBe(true);
  });

  it('are redacted', () => {
    const stderr = 'Error: Post "http://d/v5.0.0/libpod/build?buildargs=TOKEN": EOF\n';
    expect(JSON.stringify(classify(evidence({ stderr })))).not.toContain('TOKEN');
    const ending: Ending = { kind: 'not-spawned', reason: 'cannot run http://d/?TOKEN' };
    expect(JSON.stringify(classify(evidence({ ending })))).not.toContain('TOKEN');
  });
});

describe('an error line that is not known', () => {
  const stderr = 'Error: something new\n';

  it('is a failed build, and says that it is unknown', () => {
    const verdict = classify(evidence({ stderr }));
    expect(verdict).toMatchObject({ class: 'build-failed', line: 'Error: something new' });
    expect(verdict?.evidence[0]).toContain('unknown');
    expect(verdict?.signature).toBeUndefined();
  });

  it('is a crash when the engine died', () => {
    for (const dialect of ALL_DIALECTS) {
      expect(classify(evidence({ dialect, stderr, engineDied: true }))?.class).toBe('engine-crash');
      expect(needsEngineState(evidence({ dialect, stderr }))).toBe(true);
    }
  });
});

describe('whatever the client prints', () => {
  it('gives a verdict, and the engine is asked exactly when its state matters', () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(QUIT, STEP, 'unexpected EOF\n', '\r\n', '\x1b[0m'),
    );
    const output = fc.array(words, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_DIALECTS),
        fc.integer({ min: 1, max: 255 }),
        output,
        output,
        (dialect, code, stdout, stderr) => {
          const given = { dialect, ending: exited(code), stdout, stderr };
          const [died, lives] = [true, false].map((engineDied) => classify({ ...given, engineDied })?.class);
          expect(needsEngineState(given)).toBe(died !== lives);
          expect(classify(given)?.class).toBe(lives);
        },
      ),
    );
  });

  // One by one, each within jest's own time limit: nothing here may take more than linear time.
  const hostile = [
    '"',
    '": ',
    ' ',
    'Error: ',
    'Get "https://a/v2/',
    'process "',
    'no space left on device',
    'ERROR: failed to solve: ',
    '\x1b[',
    '\n',
    '* open a\n',
  ];
  it.each(ALL_DIALECTS.flatMap((dialect) => hostile.map((filler) => [dialect, filler] as const)))(
    'is judged also when it is a megabyte (%s) of %j',
    (dialect, filler) => {
      const stderr = `Error: building at STEP "${filler.repeat(1_000_000 / filler.length)}x\n`;
      expect(classify(evidence({ dialect, stdout: stderr, stderr }))?.class).toBe('build-failed');
    },
  );
});
