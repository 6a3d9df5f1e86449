import type { BuiltImage, HostSample, JournalEvent, Usage, Verdict } from '../../src/journal/events.js';

type RunStarted = Extract<JournalEvent, { type: 'run-started' }>;
type Ended = Extract<JournalEvent, { type: 'attempt-ended' }>;
type HandedOver = Extract<JournalEvent, { type: 'hand-off-ended' }>;

/** When the journals of tests begin. */
export const START = Date.UTC(2026, 0, 15, 12, 0, 0);

export const CRASH: Verdict = {
  class: 'engine-crash',
  evidence: ['the server ended while it was building', 'exit code 125'],
  line: 'Error: server probably quit: unexpected EOF',
  signature: 'podman-server-quit',
};

export const BROKEN: Verdict = {
  class: 'build-failed',
  evidence: ['the step RUN make failed'],
  line: 'Error: building at STEP "RUN make": while running runtime: exit status 2',
};

export const USAGE: Usage = {
  userMs: 5_770,
  systemMs: 1_450,
  peakRssBytes: 133_955_584,
  voluntarySwitches: 1_077,
  involuntarySwitches: 97_154,
};

export const SAMPLE: HostSample = {
  cpuPercent: 50,
  load1: 2.5,
  memoryUsedBytes: 4 * 1024 ** 3,
  memoryAvailableBytes: 3 * 1024 ** 3,
  swapUsedBytes: 0,
  diskFreeBytes: 40 * 1024 ** 3,
};

export const ENGINE: RunStarted['engine'] = {
  name: 'podman',
  dialect: 'podman-remote',
  served: true,
  version: '4.3.1',
  address: 'unix:///run/podman.sock',
  why: 'engine-url names a server',
};

const BUILT: BuiltImage = { id: `sha256:${'0123456789abcdef'.repeat(4)}`, sizeBytes: 123_456_789 };

/** What a registry says that is not there. */
export const REFUSED: Verdict = {
  class: 'registry-flake',
  evidence: ['the registry did not answer', 'exit code 125'],
  line: 'Error: dial tcp: connection refused',
};

/** A journal that is written as a test tells what happens; seconds are since the start of the run. */
export function journal(names: readonly string[], values: Partial<RunStarted> = {}) {
  const events: JournalEvent[] = [
    {
      type: 'run-started',
      at: START,
      schema: 1,
      version: '0.1.0',
      engine: ENGINE,
      images: names.map((name) => ({ name, tags: [`${name}:e2e`] })),
      lane: 2,
      mode: 'parallel',
      retries: 3,
      serialAfter: 2,
      host: { platform: 'linux/x64', cpus: 6, memoryBytes: 7 * 1024 ** 3 },
      folder: '/reports/run',
      ...values,
    },
  ];
  const attempts = new Map<string, number>();
  const at = (seconds: number) => START + Math.round(seconds * 1000);
  const attemptOf = (image: string) => attempts.get(image) ?? 0;
  const builder = {
    events,
    at,
    /** The number of the image's last attempt. */
    attemptOf,
    add(...more: JournalEvent[]) {
      events.push(...more);
      return builder;
    },
    starts(seconds: number, image: string) {
      const attempt = attemptOf(image) + 1;
      attempts.set(image, attempt);
      const log = `logs/${image}-${attempt}.log`;
      const command = `podman --remote build -t ${image}:e2e .`;
      return builder.add({ type: 'attempt-started', at: at(seconds), image, attempt, pid: 4_000, command, log });
    },
    /** The attempt succeeds, and the image with it. */
    builds(seconds: number, image: string, id = `sha256:${'0123456789abcdef'.repeat(4)}`) {
      const built: BuiltImage = { id, sizeBytes: 123_456_789 };
      return builder
        .ends(seconds, image, { built })
        .add({ type: 'image-ended', at: at(seconds), image, result: 'success', attempts: attemptOf(image), built });
    },
    /** The attempt succeeds, and the image has still to be handed over. */
    makes(seconds: number, image: string) {
      return builder.ends(seconds, image, { built: BUILT });
    },
    /** A try to hand the image over, from and until so many seconds after the start; it fails with a verdict. */
    hands(
      [from, until]: [number, number],
      image: string,
      to: string,
      { attempt = 1, ...end }: Partial<HandedOver> = {},
    ) {
      const about = { image, to, attempt };
      const log = `logs/${image}-${to}-${attempt}.log`;
      return builder.add(
        { type: 'hand-off-started', at: at(from), ...about, log },
        { type: 'hand-off-ended', at: at(until), ...about, said: end.verdict?.line ?? 'loaded into 2 nodes', ...end },
      );
    },
    /** The built image is where it was to go, or is not for good. */
    arrives(seconds: number, image: string, verdict?: Verdict) {
      const result = verdict === undefined ? ('success' as const) : ('failure' as const);
      const about = { image, result, attempts: attemptOf(image), built: BUILT };
      return builder.add({
        type: 'image-ended',
        at: at(seconds),
        ...about,
        ...(verdict === undefined ? {} : { verdict }),
      });
    },
    /** The image is not built, for what it needs was not. */
    skips(seconds: number, image: string, skipped: string) {
      return builder.add({ type: 'image-ended', at: at(seconds), image, result: 'skipped', attempts: 0, skipped });
    },
    /** The attempt fails; the image may be tried again. */
    fails(seconds: number, image: string, verdict: Verdict, values: Partial<Ended> = {}) {
      return builder.ends(seconds, image, {
        ending: { kind: 'exited', code: 125 },
        verdict,
        tail: `STEP 3/7: COPY . .\n${verdict.line ?? ''}\n`,
        ...values,
      });
    },
    /** The image has had its last attempt. */
    givesUp(seconds: number, image: string, verdict: Verdict, result: 'failure' | 'cancelled' = 'failure') {
      return builder.add({
        type: 'image-ended',
        at: at(seconds),
        image,
        result,
        attempts: attemptOf(image),
        verdict,
      });
    },
    ends(seconds: number, image: string, values: Partial<Ended>) {
      return builder.add({
        type: 'attempt-ended',
        at: at(seconds),
        image,
        attempt: attemptOf(image),
        ending: { kind: 'exited', code: 0 },
        usage: USAGE,
        ...values,
      });
    },
    retries(seconds: number, image: string, delayMs = 5_000) {
      return builder.add({
        type: 'retry-scheduled',
        at: at(seconds),
        image,
        attempt: attemptOf(image) + 1,
        delayMs,
        because: 'engine-crash',
      });
    },
    dies(seconds: number, incident: number, inFlight: string[]) {
      return builder.add({ type: 'incident-opened', at: at(seconds), incident, evidence: CRASH.evidence, inFlight });
    },
    answers(seconds: number, incident: number, answered = true) {
      const said = answered ? '' : 'dial unix: connection refused';
      return builder.add({ type: 'incident-closed', at: at(seconds), incident, answered, said });
    },
    samples(seconds: number, host: HostSample = SAMPLE) {
      return builder.add({ type: 'sample', at: at(seconds), host });
    },
    over(seconds: number, result: 'success' | 'failure' | 'cancelled') {
      return builder.add({ type: 'run-ended', at: at(seconds), result });
    },
  };
  return builder;
}

/** Three images, nothing happens. */
export function healthyRun() {
  return journal(['api', 'web', 'db'])
    .starts(0.5, 'api')
    .starts(0.5, 'web')
    .samples(1)
    .builds(10, 'web')
    .starts(10, 'db')
    .samples(11, { ...SAMPLE, cpuPercent: 90, memoryAvailableBytes: 1024 ** 3 })
    .builds(40, 'api')
    .builds(62, 'db')
    .over(62.5, 'success');
}

/** The engine dies under two builds, and comes back. */
export function crashedRun() {
  return journal(['api', 'web', 'db'], { lane: 3 })
    .starts(0, 'db')
    .builds(5, 'db')
    .starts(5, 'api')
    .starts(6, 'web')
    .dies(20, 1, ['api', 'web'])
    .add({ type: 'lane-changed', at: START + 20_000, from: 3, lane: 2, mode: 'reduced', why: 'incident 1' })
    .fails(20, 'api', CRASH, { incident: 1 })
    .fails(20.1, 'web', CRASH, { incident: 1 })
    .retries(20.1, 'api')
    .retries(20.1, 'web')
    .answers(22.3, 1)
    .starts(25, 'api')
    .starts(25, 'web')
    .builds(45, 'api')
    .builds(50, 'web')
    .over(50, 'success');
}

/** The engine dies whenever it builds, and does not come back at last. */
export function lostRun() {
  const run = journal(['api', 'web'], { retries: 1 });
  for (const [incident, start] of [
    [1, 0],
    [2, 30],
  ] as const) {
    run
      .starts(start, 'api')
      .starts(start, 'web')
      .dies(start + 10, incident, ['api', 'web'])
      .fails(start + 10, 'api', CRASH, { incident })
      .fails(start + 10, 'web', CRASH, { incident });
    if (incident === 1) run.retries(10, 'api').retries(10, 'web').answers(15, 1);
  }
  return run
    .add({ type: 'lane-changed', at: START + 40_000, from: 2, lane: 1, mode: 'serial', why: 'incident 2' })
    .answers(160, 2, false)
    .givesUp(160, 'api', CRASH)
    .givesUp(160, 'web', CRASH)
    .over(160, 'failure');
}

/**
 * Images on a base, of which one cannot be built and is needed by another, one is handed over after a crash, and one is not.
 */
export function handedOverRun() {
  const needs: Record<string, string[]> = { api: ['base'], web: ['base'], broken: ['base'], late: ['broken', 'base'] };
  const images = ['base', 'api', 'web', 'broken', 'late'].map((name) => ({
    name,
    tags: [`${name}:e2e`],
    file: `${name}/Containerfile`,
    ...(needs[name] === undefined ? {} : { needs: needs[name] }),
  }));
  const digest = `sha256:${'fe'.repeat(32)}`;
  const command = 'podman push api:e2e registry.example.com/api:e2e';
  return journal([], { images, lane: 2 })
    .starts(0, 'base')
    .builds(20, 'base')
    .starts(20, 'api')
    .starts(20, 'web')
    .makes(30, 'api')
    .starts(30, 'broken')
    .dies(34, 1, ['web', 'broken', 'api → kind:e2e'])
    .hands([30, 34], 'api', 'kind:e2e', {
      verdict: CRASH,
      incident: 1,
      command: 'podman save api:e2e',
      tail: 'saving\n',
    })
    .fails(34, 'web', CRASH, { incident: 1 })
    .fails(34, 'broken', CRASH, { incident: 1 })
    .answers(36, 1)
    .starts(39, 'web')
    .starts(39, 'broken')
    .hands([39, 45], 'api', 'kind:e2e', { attempt: 2, bytes: 123_456_789 })
    .fails(44, 'broken', BROKEN)
    .givesUp(44, 'broken', BROKEN)
    .skips(44, 'late', 'needs "broken", which was not built (build-failed)')
    .hands([45, 47], 'api', 'push', {
      verdict: REFUSED,
      command,
      tail: 'pushing\nError: dial tcp: connection refused\n',
    })
    .arrives(47, 'api', REFUSED)
    .makes(50, 'web')
    .hands([50, 55], 'web', 'kind:e2e', { bytes: 123_456_789 })
    .hands([55, 58], 'web', 'push', { said: 'pushed', digest, bytes: 23_456_789 })
    .arrives(58, 'web')
    .over(58, 'failure');
}
