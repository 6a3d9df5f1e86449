import { describe, expect, it } from '@jest/globals';
import type { Dialect, VerdictClass } from '../../src/journal/events.js';
import { type AttemptEvidence, classify } from '../../src/verdict/classify.js';
import { dialectsOfSighting, SIGHTINGS, type Sighting } from './evidence.js';
import { failingStep } from './failing-step.js';

/** Transcripts have the same lines with this class; they were measured, so they win. */
const TRANSCRIPTS_SAY: Readonly<Record<string, VerdictClass>> = {
  'podman-syntax': 'usage-error',
  'docker-legacy-syntax': 'usage-error',
  'docker-legacy-copy': 'usage-error',
  'buildx-syntax': 'usage-error',
  'buildx-copy-missing': 'usage-error',
};

/** The first rootless command after boot loses a race that the next one wins, so that a retry may help where it is asked for. */
const A_RACE: Readonly<Record<string, VerdictClass>> = { 'podman-reexec-denied': 'storage-contention' };

/** Not tested for their class, with the reason. They are tested not to be a crash. */
const NEED_MORE: Readonly<Record<string, string>> = {
  'podman-empty-context-eof-log': 'a line of a successful build; nothing failed',
};

/** Entries whose note asks for more than the text, and what the note says. */
const GIVEN: Readonly<Record<string, { why: string } & Partial<AttemptEvidence>>> = {
  'podman-remote-stream-dropped': { why: 'said after failed steps too', engineDied: true },
  'podman-remote-bare-unexpected-eof': { why: 'said of pulls too', engineDied: true },
  'podman-push-bare-eof': { why: 'said of pulls too', engineDied: true },
  'podman-machine-ssh-handshake-eof': { why: 'a line of `podman machine start`', engineDied: true },
  'podman-machine-no-transition': { why: 'a line of `podman machine start`', engineDied: true },
  'podman-machine-hypervisor-exited': { why: 'a line of `podman machine start`', engineDied: true },
  'dockerd-concurrent-map': { why: 'a line of the daemon’s log', engineDied: true },
  'podman-run-killed-oci': { why: 'said after a server’s stop too', engineDied: false, oomKills: 1 },
  'docker-legacy-step-137': { why: 'any killed command ends so', engineDied: false, oomKills: 1 },
  'buildx-exit-137': { why: 'any killed command ends so', oomKills: 1 },
  'docker-legacy-unexpected-eof': { why: 'said of pulls too', engineDied: true },
  'docker-legacy-registry-trunc': {
    why: 'said after a daemon’s death too',
    engineDied: false,
    stdout: 'Step 1/1 : FROM x\n',
  },
  'buildkit-one-connection': { why: 'said after timeouts too', engineDied: true },
  'buildx-canceled-not-by-us': { why: 'said after a daemon’s stop too', engineDied: false },
  'buildah-sigterm-looks-like-build-failure': {
    why: 'only the sender knows',
    ending: { kind: 'cancelled', reason: 'SIGTERM' },
  },
  'buildx-remote-hang': { why: 'hangs for ever', ending: { kind: 'timed-out', afterMs: 60_000 } },
};

/** Entries that are only a part of what the client prints, and its own last line, which is missing. */
const THEN: Readonly<Record<string, string>> = {
  'podman-pull-429':
    'Error: creating build container: initializing source docker://localhost:15004/x:latest: reading manifest latest in localhost:15004/x: toomanyrequests: You have reached your pull rate limit.',
  'podman-context-write-too-long': 'Error: Post "http://d/v4.3.1/libpod/build?t=x": io: read/write on closed pipe',
  'podman-incomplete-layer': 'Error: loading primary layer store data: open layers.json: unexpected end of JSON input',
  'buildkit-no-active-session':
    'ERROR: failed to solve: no active session for os44n22472jqaz3bk2t3jktq2: context deadline exceeded',
};

/** Entries whose examples are the lines of one failure; those of all others are one failure each. */
const ONE_FAILURE = new Set([
  'podman-run-killed-oci',
  'podman-go-nil-deref-layerstore',
  'podman-run-spoof-remote',
  'podman-context-unreadable',
  'podman-crun-cgroup',
  'podman-enospc-run',
  'buildah-sigterm-looks-like-build-failure',
  'buildx-spoof',
]);

/** What the client printed, each line where the entry's channel says. */
function printed(sighting: Sighting, dialect: Dialect, lines: string[]): { stdout: string; stderr: string } {
  const text = (part: string[]) => part.map((line) => `${line}\n`).join('');
  const then = THEN[sighting.id];
  const all = then === undefined ? lines : [...lines, then];
  switch (sighting.channel) {
    case 'step output':
      return failingStep(dialect, text(lines), { run: 'x' });
    case 'stdout':
      return { stdout: text(all), stderr: '' };
    case 'stdout+stderr':
      return { stdout: text(all.slice(0, -1)), stderr: text(all.slice(-1)) };
    case 'stderr (local) / stdout (remote)':
      return dialect === 'podman-remote'
        ? { stdout: text(all.slice(0, -1)), stderr: text(all.slice(-1)) }
        : { stdout: '', stderr: text(all) };
    default:
      return { stdout: '', stderr: text(all) };
  }
}

const rows = SIGHTINGS.flatMap((sighting) => {
  const failures = ONE_FAILURE.has(sighting.id)
    ? [sighting.exampleLines]
    : sighting.exampleLines.map((example) => example.split('\n'));
  const code = sighting.exitCodes.find((exit) =>
    typeof exit === 'number' && exit !== 0 ? true : exit === 0 && sighting.exitCodes.length === 1,
  );
  const ending = { kind: 'exited', code: typeof code === 'number' ? code : 1 } as const;
  const { why: _, ...given } = GIVEN[sighting.id] ?? { why: '' };
  return dialectsOfSighting(sighting).flatMap((dialect) =>
    failures.map((lines) => {
      const evidence: AttemptEvidence = { dialect, ending, ...printed(sighting, dialect, lines), ...given };
      return {
        id: sighting.id,
        dialect,
        text: lines.at(-1),
        expected: TRANSCRIPTS_SAY[sighting.id] ?? A_RACE[sighting.id] ?? sighting.class,
        evidence,
      };
    }),
  );
});

describe('the sighted error lines', () => {
  it('are all here, and every exception names one', () => {
    expect(SIGHTINGS).toHaveLength(104);
    const ids = new Set(SIGHTINGS.map(({ id }) => id));
    const named = [TRANSCRIPTS_SAY, A_RACE, NEED_MORE, GIVEN, THEN].flatMap((exceptions) => Object.keys(exceptions));
    expect([...named, ...ONE_FAILURE].filter((id) => !ids.has(id))).toEqual([]);
  });

  it.each(rows.filter(({ id }) => NEED_MORE[id] === undefined))(
    '$id ($dialect) is $expected: $text',
    ({ evidence, expected }) => {
      expect(classify(evidence)?.class).toBe(expected);
    },
  );

  it.each(rows.filter(({ id }) => NEED_MORE[id] !== undefined))('$id ($dialect) is no crash: $text', ({ evidence }) => {
    expect(classify(evidence)?.class).not.toBe('engine-crash');
  });

  it.each(rows.filter(({ id }) => ['podman-run-killed-oci', 'docker-legacy-step-137', 'buildx-exit-137'].includes(id)))(
    '$id ($dialect) is a failed build when the kernel killed nothing meanwhile',
    ({ evidence }) => {
      expect(classify({ ...evidence, oomKills: 0 })?.class).toBe('build-failed');
    },
  );

  it('of an empty context is no failure when the image is there', () => {
    const row = rows.find(({ id }) => id === 'podman-empty-context-eof-log');
    expect(classify({ ...(row as (typeof rows)[number]).evidence, imageExists: true })).toBeUndefined();
  });

  it.each(
    rows.filter(({ id }) =>
      [
        'podman-run-killed-oci',
        'docker-legacy-registry-trunc',
        'docker-legacy-step-137',
        'buildx-canceled-not-by-us',
      ].includes(id),
    ),
  )('$id ($dialect) is a crash when the engine died within the attempt', ({ evidence }) => {
    expect(classify({ ...evidence, engineDied: true })?.class).toBe('engine-crash');
  });

  it.each(
    rows.filter(
      ({ expected, id }) =>
        expected !== 'engine-crash' &&
        GIVEN[id] === undefined &&
        NEED_MORE[id] === undefined &&
        !/local-sigterm-exit0|fake-success-id|crun-sdbus|copy-tar-eof/.test(id),
    ),
  )('$id ($dialect) stays $expected though the engine died', ({ evidence, expected }) => {
    expect(classify({ ...evidence, engineDied: true })?.class).toBe(expected);
  });
});
