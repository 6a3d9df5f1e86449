import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClientDialect } from '../../src/journal/events.js';
import { classify } from '../../src/verdict/classify.js';
import { readOwnWords } from '../../src/verdict/own-words.js';
import { findSignature, SIGNATURES } from '../../src/verdict/signatures.js';
import {
  ALL_DIALECTS,
  dialectsOfSighting,
  evidenceOfPush,
  evidenceOfTranscript,
  LOAD_TRANSCRIPTS,
  PUSH_TRANSCRIPTS,
  SIGHTINGS,
  TRANSCRIPTS,
} from './evidence.js';
import { failingStep } from './failing-step.js';

const isCrash = (signature: (typeof SIGNATURES)[number]) =>
  signature.class === 'engine-crash' || signature.whenEngineDied === 'engine-crash';

const POST = 'Error: Post "http://d/v5.8.6/libpod/build?t=x": ';
const PING = 'Error: unable to connect to Podman socket: Get "http://d/v5.8.6/libpod/_ping": ';
const KILLED_STEP = 'Error: building at STEP "RUN make": while running runtime: exit status ';
const UNAVAILABLE = 'rpc error: code = Unavailable desc = ';
const SOCK = 'unix:///var/run/docker.sock';

/** Near misses of each signature that can mean a crash: signature, dialect, last lines of stderr, exit code. */
const LOOKALIKES: [string, ClientDialect, string, number?][] = [
  ['podman-server-quit', 'podman', 'Error: server probably quit: unexpected EOF'],
  ['podman-server-quit', 'podman-remote', 'Error: building at STEP "RUN x": server probably quit: unexpected EOF'],
  ['podman-server-quit', 'podman-remote', 'Error: server probably quit: unexpected EOF in archive'],
  [
    'podman-stream-ended',
    'podman-remote',
    "Error: decoding stream: invalid character '<' looking for beginning of value",
  ],
  ['podman-stream-ended', 'podman-remote', 'Error: initializing source: decoding stream: EOF'],
  ['podman-stream-dropped', 'podman-remote', 'Error: building at STEP "RUN x": stream dropped, unexpected failure'],
  ['podman-stream-dropped', 'buildah', 'Error: stream dropped, unexpected failure'],
  ['podman-bare-eof', 'podman-remote', 'Error: reading blob sha256:0: unexpected EOF'],
  ['podman-bare-eof', 'podman-remote', 'Error: unexpected EOF in archive'],
  [
    'podman-push-stream-ended',
    'podman-remote',
    'Error: building at STEP "RUN x": failed to decode message from stream: unexpected EOF',
  ],
  [
    'podman-push-stream-ended',
    'podman-remote',
    "Error: failed to decode message from stream: invalid character '<' looking for beginning of value",
  ],
  ['docker-push-eof', 'docker-legacy', 'reading the answer: EOF'],
  ['docker-push-eof', 'docker-legacy', 'EOF while parsing a manifest'],
  ['podman-unreachable', 'podman-remote', 'Cannot connect to Podman. Please check your registry credentials'],
  [
    'podman-unreachable',
    'docker-legacy',
    'Cannot connect to Podman. Please verify your connection to the Linux system',
  ],
  ['podman-socket-dead', 'podman-remote', `${PING}dial unix /run/podman/podman.sock: connect: permission denied`],
  ['podman-socket-dead', 'podman-remote', `${PING}dial tcp: lookup podman.example: no such host`],
  ['podman-socket-dead', 'podman-remote', `${PING}x509: certificate signed by unknown authority`],
  ['podman-ssh-refused', 'podman-remote', 'Error: failed to connect: dial tcp: lookup machine.example: no such host'],
  [
    'podman-ssh-refused',
    'podman-remote',
    'Error: failed to connect: dial tcp 127.0.0.1:22: connect: permission denied',
  ],
  [
    'podman-bastion-refused',
    'podman-remote',
    'Error: unable to connect to Podman. failed to create sshClient: connection to bastion host (ssh://core@localhost:1) failed: ssh: handshake failed: ssh: unable to authenticate',
  ],
  [
    'podman-bastion-refused',
    'podman-remote',
    'Error: unable to connect to Podman. failed to create sshClient: open /home/me/.ssh/key: no such file or directory',
  ],
  [
    'podman-ssh-handshake',
    'podman-remote',
    'Error: failed to connect: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]',
  ],
  [
    'podman-ssh-handshake',
    'podman-remote',
    'Error: failed to connect: ssh: handshake failed: knownhosts: key mismatch',
  ],
  ['podman-ssh-open-failed', 'podman-remote', `${PING}ssh: rejected: administratively prohibited (open failed)`],
  [
    'podman-ssh-open-failed',
    'podman-remote',
    'Error: creating build container: ssh: rejected: connect failed (open failed)',
  ],
  [
    'podman-upload-broken',
    'podman-remote',
    `\t* open /ctx/secret: permission denied\n${POST}io: read/write on closed pipe`,
  ],
  [
    'podman-upload-broken',
    'podman-remote',
    `time="t" level=error msg="2 errors occurred:\\n\\t* io: read/write on closed pipe\\n\\t* open /ctx/a: permission denied\\n\\n\\n"\n${POST}io: read/write on closed pipe`,
  ],
  ['podman-upload-broken', 'podman-remote', `${POST}dial unix /run/podman/podman.sock: connect: permission denied`],
  ['podman-upload-broken', 'podman-remote', `${POST}context canceled`],
  ['podman-fatal', 'podman', `panic: index out of range\n${KILLED_STEP}2`, 2],
  ['podman-fatal', 'podman-remote', 'fatal error: concurrent map writes', 1],
  ['podman-fatal', 'podman', 'panic: index out of range\nError: something new', 2],
  ['podman-fatal', 'podman', 'test says: fatal error: concurrent map writes', 2],
  ['podman-step-killed', 'podman', `container exited on killed\n${KILLED_STEP}7`],
  ['podman-step-killed', 'podman', `the container exited on killed\n${KILLED_STEP}1`],
  ['podman-step-ended', 'podman', `container exited on vacation\n${KILLED_STEP}1`],
  ['podman-step-ended', 'podman', `container exited on terminated\n${KILLED_STEP}143`],
  [
    'podman-step-signal',
    'podman',
    'Error: building at STEP "RUN echo while running runtime: signal: killed": while running runtime: exit status 1',
  ],
  [
    'podman-step-signal',
    'podman',
    'Error: building at STEP "RUN x": while running runtime: signal: segmentation fault',
  ],
  [
    'docker-step-killed',
    'docker-legacy',
    "The command '/bin/sh -c echo returned a non-zero code: 137' returned a non-zero code: 1",
  ],
  ['docker-step-killed', 'docker-legacy', "The command '/bin/sh -c x' returned a non-zero code: 1137"],
  [
    'docker-daemon-dead',
    'docker-legacy',
    `permission denied while trying to connect to the Docker daemon socket at ${SOCK}: connect: permission denied`,
  ],
  [
    'docker-daemon-dead',
    'docker-legacy',
    `The command '/bin/sh -c docker ps # Cannot connect to the Docker daemon at ${SOCK}. Is the docker daemon running?' returned a non-zero code: 1`,
  ],
  [
    'docker-api-dead',
    'buildkit',
    `ERROR: failed to connect to the docker API at ${SOCK}; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: permission denied`,
  ],
  [
    'docker-api-dead',
    'buildkit',
    `ERROR: failed to solve: process "failed to connect to the docker API at ${SOCK}; check if the path is correct and if the daemon is running: dial unix /s: connect: no such file or directory" did not complete successfully: exit code: 1`,
  ],
  [
    'docker-grpc-dead',
    'buildkit',
    "failed to dial gRPC: cannot connect to the Docker daemon. Is 'docker daemon' running on this host?: dial unix /var/run/docker.sock: connect: permission denied",
  ],
  ['docker-grpc-dead', 'buildkit', 'failed to dial gRPC: unable to upgrade to h2c, received 404'],
  [
    'docker-connection-lost',
    'docker-legacy',
    'error during connect: Post "https://host:2376/v1.41/build?t=x": x509: certificate has expired',
  ],
  [
    'docker-connection-lost',
    'docker-legacy',
    'error during connect: Get "http://docker.example:2375/v1.41/_ping": dial tcp: lookup docker.example: no such host',
  ],
  ['docker-eof-in-step', 'docker-legacy', 'unexpected EOF while looking for matching quote'],
  ['docker-eof-in-step', 'docker-legacy', 'Error response from daemon: unexpected EOF'],
  ['docker-eof', 'docker-legacy', 'failed to register layer: unexpected EOF'],
  ['docker-eof', 'docker-legacy', 'Error processing tar file(exit status 1): unexpected EOF'],
  ['buildkit-eof', 'buildkit', '#6 0.080 unexpected EOF'],
  ['buildkit-eof', 'buildkit', '0.080 unexpected EOF'],
  ['buildkit-eof', 'buildkit', 'ERROR: failed to solve: failed to copy: unexpected EOF'],
  [
    'buildkit-server-eof',
    'buildkit',
    `#8 1.2 ERROR: failed to receive status: ${UNAVAILABLE}error reading from server: EOF`,
  ],
  [
    'buildkit-server-eof',
    'buildkit',
    'ERROR: failed to solve: process "/bin/sh -c error reading from server: EOF" did not complete successfully: exit code: 1',
  ],
  ['buildkit-server-eof', 'buildkit', 'ERROR: failed to solve: NotFound: error reading from server: EOF'],
  [
    'buildkit-server-closed',
    'buildkit',
    `ERROR: failed to receive status: ${UNAVAILABLE}closing transport due to: connection error: desc = "x509: certificate has expired"`,
  ],
  [
    'buildkit-server-closed',
    'buildkit',
    `ERROR: failed to receive status: ${UNAVAILABLE}name resolver error: produced zero addresses`,
  ],
  ['buildkit-socket-dead', 'buildkit', 'error: dial unix /run/buildkit/buildkitd.sock: connect: permission denied'],
  [
    'buildkit-socket-dead',
    'buildkit',
    'ERROR: failed to solve: dial unix /run/postgres.sock: connect: no such file or directory',
  ],
  [
    'buildkit-one-connection',
    'buildkit',
    'ERROR: failed to solve: process "transport: Error while dialing only one connection allowed" did not complete successfully: exit code: 1',
  ],
  ['buildkit-one-connection', 'buildkit', '#7 0.3 transport: Error while dialing only one connection allowed'],
  [
    'buildkit-canceled',
    'buildkit',
    'ERROR: failed to solve: process "/bin/sh -c x" did not complete successfully: context canceled',
  ],
  ['buildkit-canceled', 'buildkit', '#7 CANCELED'],
  ['podman-request-cut', 'cluster', `Error: Get "http://d/v5.8.6/libpod/images/x/json": context canceled`],
  ['podman-request-cut', 'cluster', 'Error: Get "https://registry.example/v2/": EOF'],
  [
    'podman-request-cut',
    'podman-remote',
    'Error: building at STEP "RUN Get "http://d/v5.8.6/libpod/x": EOF": exit status 1',
  ],
  ['node-containerd-dead', 'cluster', 'ctr: cannot access socket /run/containerd/containerd.sock: permission denied'],
  [
    'node-containerd-dead',
    'cluster',
    'ctr: failed to list images: connection error: desc = "transport: authentication failed"',
  ],
  ['node-containerd-dead', 'cluster', 'crictl: error reading from server: EOF'],
  ['node-down', 'cluster', 'Error: no container with name or ID "e2e-worker" found: no such container'],
  ['node-down', 'cluster', 'Error response from daemon: No such container: e2e-worker'],
  ['node-import-torn', 'cluster', 'ctr: failed to ingest "x.tar": unexpected EOF in archive'],
  ['node-import-torn', 'cluster', 'ctr: unrecognized image format'],
  ['node-stream-cut', 'cluster', 'Error: write unixpacket @->/proc/self/fd/16/attach: write: connection reset by peer'],
  ['node-stream-cut', 'cluster', 'Error: read unix @->/run/x.sock: use of closed network connection'],
  ['cluster-eof', 'cluster', 'ERROR: unexpected EOF'],
  ['cluster-eof', 'cluster', 'Error: reading blob sha256:0: unexpected EOF'],
];

/** Evidence that no transcript and no sighting has. */
const MORE_EXAMPLES: [string, ClientDialect, string][] = [
  [
    'disk-full',
    'podman-remote',
    'Error: committing container for step {Env:[]}: copying layers: write /var/x: no space left on device',
  ],
  [
    'podman-commit-disk-full',
    'podman-remote',
    'Error: committing container for step {Env:[PATH=/bin] Command:run Args:[dd if=/dev/urandom of=/big bs=1M count=14] Flags:[] Attrs:map[] Message:RUN dd if=/dev/urandom of=/big bs=1M count=14 Original:RUN dd if=/dev/urandom of=/big bs=1M count=14}: copying layers and metadata for container "c9c23d8bd3aa": writing blob: adding layer with blob "sha256:977d406b788a": processing tar file(write /big: no space left on device): exit status 1',
  ],
  ['podman-step-ended', 'podman', `container exited on terminated\n${KILLED_STEP}1`],
  [
    'podman-step-signal',
    'podman-remote',
    'Error: building at STEP "RUN make": while running runtime: signal: terminated',
  ],
  [
    'podman-registry-limit',
    'podman',
    'Error: creating build container: reading manifest latest in localhost/x: toomanyrequests: slow down',
  ],
  ['podman-storage-unreadable', 'podman', 'Error: loading primary layer store data: unexpected end of JSON input'],
];

type Failure = { dialect: ClientDialect; stdout: string; stderr: string; code: number };

const failures: Failure[] = [
  ...[...TRANSCRIPTS.map(evidenceOfTranscript), ...PUSH_TRANSCRIPTS.map(evidenceOfPush)].flatMap(
    ({ dialect, ending, stdout, stderr }) =>
      ending.kind === 'exited' ? [{ dialect, stdout, stderr, code: ending.code }] : [],
  ),
  ...SIGHTINGS.flatMap((sighting) =>
    dialectsOfSighting(sighting).flatMap((dialect) =>
      [...sighting.exampleLines, sighting.exampleLines.join('\n')].map((stderr) => ({
        dialect,
        stdout: '',
        stderr,
        code: Number(sighting.exitCodes.at(-1)) || 1,
      })),
    ),
  ),
  ...LOAD_TRANSCRIPTS.map(({ dialect, stderr, exit }) => ({ dialect, stdout: '', stderr, code: exit })),
  ...MORE_EXAMPLES.map(([, dialect, stderr]) => ({ dialect, stdout: '', stderr, code: 1 })),
];

const found = failures.map((failure) => ({
  failure,
  signature: findSignature(
    failure.dialect,
    readOwnWords(failure.dialect, failure.stdout, failure.stderr),
    failure.code,
  ),
}));

describe('a signature', () => {
  it('has an id of its own', () => {
    expect(new Set(SIGNATURES.map(({ id }) => id)).size).toBe(SIGNATURES.length);
  });

  it.each(SIGNATURES.map(({ id }) => [id]))('%s is met in real evidence', (id) => {
    expect(found.some(({ signature }) => signature?.id === id)).toBe(true);
  });

  it.each(SIGNATURES.filter(isCrash).map(({ id }) => [id]))('%s has two lookalikes', (id) => {
    expect(LOOKALIKES.filter(([of]) => of === id).length).toBeGreaterThanOrEqual(2);
  });

  it.each(LOOKALIKES)('%s does not match (%s) %j', (id, dialect, stderr, code = 125) => {
    const signature = findSignature(dialect, readOwnWords(dialect, 'Step 2/2 : RUN x\n', stderr), code);
    expect(signature?.id).not.toBe(id);
    expect(signature === undefined || !isCrash(signature)).toBe(true);
  });

  it.each(LOOKALIKES)('%s: the lookalike is no crash (%s) %j', (_, dialect, stderr, code = 125) => {
    const verdict = classify({ dialect, ending: { kind: 'exited', code }, stdout: '', stderr });
    expect(verdict?.class).not.toBe('engine-crash');
  });

  it.each([
    ['more behind it', (line: string) => `${line} (again)`],
    ['more in front of it', (line: string) => `note: ${line}`],
    ['quotes around it', (line: string) => `"${line}"`],
  ])('of a crash does not match a line with %s', (_, disguise) => {
    const crashes = found.filter(
      ({ signature }) => signature?.class === 'engine-crash' && signature.last !== undefined,
    );
    expect(crashes.length).toBeGreaterThan(50);
    for (const { failure } of crashes) {
      const stderr = disguise(failure.stderr.trimEnd().split('\n').at(-1) as string);
      const { dialect, stdout, code } = failure;
      expect([stderr, findSignature(dialect, readOwnWords(dialect, stdout, stderr), code)?.class]).not.toContain(
        'engine-crash',
      );
    }
  });
});

const CRASH_LINES = [
  ...new Set([
    ...SIGHTINGS.filter((sighting) => sighting.class === 'engine-crash').flatMap(({ exampleLines }) => exampleLines),
    ...TRANSCRIPTS.filter(({ class: given }) => given === 'engine-crash').map(
      ({ stderr }) => stderr.trimEnd().split('\n').at(-1) ?? '',
    ),
    'panic: runtime error: index out of range [1] with length 1',
  ]),
].filter((line) => line !== '');

/** What the client's own remarks look like: before an error that follows without a newline they hide nothing. */
const ASIDES = ['WARNING: slow', 'time="t" level=warning msg="slow"', 'DEPRECATED: slow', 'Usage: make'];

const printedByStep = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...CRASH_LINES, ...ASIDES) }, fc.string()), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((lines) => fc.constantFrom('\n', '').map((end) => `${lines.join('\n')}${end}`));
// A step of docker's legacy builder that ends with 137 may have been ended by a daemon that was stopped.
const exitCode = fc.integer({ min: 1, max: 255 }).filter((code) => code !== 137);

describe('a step that prints the line of a crash', () => {
  it('and fails is a failed build, in every dialect, whatever happened to the engine', () => {
    const state = fc.constantFrom({}, { engineDied: true }, { engineDied: false });
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_DIALECTS),
        printedByStep,
        exitCode,
        state,
        (dialect, printed, code, engine) => {
          const ending = { kind: 'exited', code } as const;
          expect(classify({ dialect, ending, ...failingStep(dialect, printed, { code }), ...engine })?.class).toBe(
            'build-failed',
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(ALL_DIALECTS.flatMap((dialect) => CRASH_LINES.map((line) => ({ dialect, line }))))(
    'alone and in its instruction is a failed build ($dialect): $line',
    ({ dialect, line }) => {
      const output = failingStep(dialect, `${line}\n`, { run: `echo '${line}'; exit 1` });
      const evidence = { dialect, ending: { kind: 'exited', code: 1 }, ...output, engineDied: true } as const;
      expect(classify(evidence)?.class).toBe('build-failed');
    },
  );

  it('is no crash either when the client then ends without a word of its own', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL_DIALECTS), printedByStep, (dialect, printed) => {
        const { stdout, stderr } = failingStep(dialect, printed.endsWith('\n') ? printed : `${printed}\n`);
        const cut = stderr.trimEnd().lastIndexOf('\n') + 1;
        const evidence = {
          dialect,
          ending: { kind: 'exited', code: 1 },
          stdout,
          stderr: stderr.slice(0, cut),
        } as const;
        expect(classify(evidence)?.class).not.toBe('engine-crash');
      }),
    );
  });
});
