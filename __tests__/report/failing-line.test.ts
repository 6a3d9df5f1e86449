import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BuildStep, createStepReader } from '../../src/engine/build-output.js';
import type { Dialect } from '../../src/journal/events.js';
import { readInstructions } from '../../src/report/containerfile.js';
import { failingLine } from '../../src/report/failing-line.js';
import { classify } from '../../src/verdict/classify.js';
import { HOSTILE } from '../support/hostile-text.js';
import { TRANSCRIPTS } from '../verdict/evidence.js';
import { failingStep } from '../verdict/failing-step.js';

const DIALECTS: Dialect[] = ['podman', 'podman-remote', 'buildah', 'docker-legacy', 'buildkit'];

/** What the report knows of an attempt that printed this and failed. */
function attemptOf(dialect: Dialect, { stdout, stderr }: { stdout: string; stderr: string }) {
  const told: BuildStep[] = [];
  const reader = createStepReader(dialect, (step) => told.push(step));
  reader.push(Buffer.from(`${reader.stream === 'stdout' ? stdout : stderr}\n`));
  const verdict = classify({ dialect, ending: { kind: 'exited', code: 1 }, imageExists: false, stdout, stderr });
  const steps = told.map((step) => ({ at: 0, ...step }));
  return { steps, tail: `${stdout}${stderr}`, ...(verdict === undefined ? {} : { verdict }) };
}

async function lineOf(dialect: Dialect, containerfile: string, said: { stdout?: string; stderr?: string }) {
  const attempt = attemptOf(dialect, { stdout: '', stderr: '', ...said });
  return failingLine(dialect, attempt, await readInstructions(containerfile));
}

const STAGES = `# comment
ARG BASE=scratch
ARG OTHER=1

FROM \${BASE} AS build
COPY rootfs/ /
RUN echo one \\
  # inner comment
  && echo two
FROM scratch AS unused
COPY rootfs/ /
FROM scratch AS final
ARG DIR=/d
ARG FAIL=3
COPY --from=build / /
ENV GREETING="hello $FAIL"
RUN echo first && \\
    echo "second $FAIL" && \\
    \\
    exit $FAIL
RUN echo never
`;
const HEREDOC = 'FROM scratch\nCOPY rootfs/ /\nRUN <<EOF\necho hello\nRUN exit 9\nexit 7\nEOF\nRUN exit 9\n';
const TWICE = 'FROM scratch AS a\nRUN make\nFROM scratch\nRUN true\nRUN make\nRUN make\n';
const podman = (text: string, quoted: string, why = 'while running runtime: exit status 3') => ({
  stdout: `${text}\n`,
  stderr: `Error: building at STEP "${quoted}": ${why}\n`,
});
const excerpt = (line: number, text: string, last: string) => ({
  stderr: `#5 [2/2] RUN exit 7\n#5 0.1 x\n------\n > [2/2] RUN exit 7:\n0.1 x\n------\nContainerfile:${line}\n--------------------\n   ${line - 1} |     above\n   ${line} | >>> ${text}\n   ${line + 1} | >>>   more\n--------------------\nERROR: failed to build: failed to solve: ${last}\n`,
});

describe('the line of the failing instruction', () => {
  const run = 'RUN echo first &&     echo "second $FAIL" &&         exit $FAIL';

  it.each<[string, Dialect, string, { stdout?: string; stderr?: string }, number | undefined]>([
    ['podman: a continued RUN of a later stage', 'podman', STAGES, podman(`[3/3] STEP 6/7: ${run}`, run), 17],
    [
      'podman: a stage that is the target has no stage number',
      'podman',
      STAGES,
      podman('STEP 3/3: RUN echo one   && echo two', 'RUN echo one   && echo two'),
      7,
    ],
    ['podman: labels of the command add steps', 'podman', STAGES, podman(`[3/3] STEP 6/8: ${run}`, run), 17],
    [
      'podman: a label that the command added is in no line',
      'podman',
      STAGES,
      podman('[3/3] STEP 8/8: LABEL "a"="b"', 'LABEL "a"="b"'),
      undefined,
    ],
    [
      'podman: a base image that cannot be had',
      'podman',
      STAGES,
      {
        stdout: '[1/3] STEP 1/3: FROM scratch AS build\n',
        stderr: 'Error: creating build container: short-name "x" did not resolve\n',
      },
      5,
    ],
    [
      'podman: a COPY whose source is missing',
      'podman-remote',
      STAGES,
      podman(
        '[3/3] STEP 4/7: COPY --from=build / /',
        'COPY --from=build / /',
        'checking on sources under "/var/tmp/x": copier: stat: "/x": no such file or directory',
      ),
      15,
    ],
    [
      'podman: JSON form is quoted without it',
      'podman',
      'FROM scratch\nRUN ["/bin/busybox", \\\n  "false"]\n',
      podman('STEP 2/2: RUN ["/bin/busybox",   "false"]', 'RUN /bin/busybox false'),
      2,
    ],
    [
      'podman: an instruction that it does not know',
      'podman',
      'FROM scratch\n\n  RUNN x \\\n y\n',
      podman('STEP 2/2: RUNN x  y', 'RUNN ', 'Build error: Unknown instruction: "RUNN" &imagebuilder.Step{}'),
      3,
    ],
    [
      'podman: a heredoc, as new ones print it',
      'podman',
      HEREDOC,
      podman('STEP 3/4: RUN <<EOF (echo hello...)\nhello', 'RUN <<EOF'),
      3,
    ],
    [
      'podman: a heredoc that old ones cannot read',
      'podman',
      HEREDOC,
      podman('STEP 4/8: echo hello', 'ECHO ', 'Build error: Unknown instruction: "ECHO"'),
      undefined,
    ],
    [
      'podman: a shift that looks like a heredoc',
      'podman',
      'FROM scratch\nRUN echo $((1<<2)) && \\\n  exit 3\n',
      podman('STEP 2/2: RUN echo $((1<<2)) &&   exit 3', 'RUN echo $((1<<2)) &&   exit 3'),
      2,
    ],
    ['podman: after a heredoc', 'podman', HEREDOC, podman('STEP 4/4: RUN exit 9', 'RUN exit 9'), 8],
    [
      'podman: the same instruction twice',
      'podman',
      TWICE,
      podman('[2/2] STEP 3/4: RUN make\n[2/2] STEP 4/4: RUN make', 'RUN make'),
      6,
    ],
    ['podman: quoted, and in no step', 'podman', TWICE, podman('', 'RUN true'), 4],
    ['podman: quoted, in no step, and written twice', 'podman', TWICE, podman('', 'RUN make'), undefined],
    [
      'podman: a step that prints a step',
      'podman-remote',
      STAGES,
      podman(`[3/3] STEP 6/7: ${run}\n[3/3] STEP 7/7: RUN echo never`, run),
      17,
    ],
    [
      'podman: a step that is not in the file',
      'podman',
      STAGES,
      { stdout: '[3/3] STEP 6/7: RUN other\n', stderr: 'Error: short\n' },
      undefined,
    ],
    ['podman: an error before the first step', 'podman', STAGES, { stderr: 'Error: no such file\n' }, undefined],
    [
      'podman: escape directive and small letters',
      'podman',
      '# escape=`\nFROM scratch\nrun echo a `\n  && exit 5\n',
      podman('STEP 2/2: run echo a   && exit 5', 'RUN echo a   && exit 5'),
      3,
    ],
    [
      'podman: a line that is longer than steps are told',
      'podman',
      `FROM scratch\nRUN echo ${'x'.repeat(900)}\n`,
      podman(`STEP 2/2: RUN echo ${'x'.repeat(900)}`, `RUN echo ${'x'.repeat(900)}`),
      2,
    ],
    [
      'podman: a URL whose query is hidden',
      'podman',
      'FROM scratch\nRUN get https://host/a?token=b c\n',
      podman('STEP 2/2: RUN get https://host/a?token=b c', 'RUN get https://host/a?token=b c'),
      2,
    ],
    [
      'podman: an instruction that quotes',
      'podman',
      'FROM scratch\nRUN say "a": b\nRUN say\n',
      podman('STEP 2/3: RUN say "a": b', 'RUN say "a": b'),
      2,
    ],
    [
      'podman: Windows line ends and a byte order mark',
      'podman',
      '\ufeffFROM scratch\r\nRUN a \\\r\n\r\n  b\r\nRUN c\r\n',
      podman('STEP 3/3: RUN c', 'RUN c'),
      5,
    ],
    [
      'legacy: counts the whole file',
      'docker-legacy',
      STAGES,
      {
        stdout: `Step 13/14 : ${run}\n`,
        stderr: `The command '/bin/sh -c ${run.slice(4)}' returned a non-zero code: 3\n`,
      },
      17,
    ],
    [
      'legacy: an ARG before the first FROM',
      'docker-legacy',
      STAGES,
      { stdout: 'Step 2/14 : ARG OTHER=1\n', stderr: 'x\n' },
      3,
    ],
    [
      'legacy: the base as it is written',
      'docker-legacy',
      STAGES,
      { stdout: `Step 3/14 : FROM \${BASE} AS build\n`, stderr: 'Get "http://localhost/v2/": connection refused\n' },
      5,
    ],
    [
      'legacy: a heredoc that it takes for instructions',
      'docker-legacy',
      HEREDOC,
      { stderr: 'Error response from daemon: dockerfile parse error line 4: unknown instruction: ECHO\n' },
      4,
    ],
    [
      'legacy: a parse error',
      'docker-legacy',
      TWICE,
      {
        stderr:
          'Error response from daemon: dockerfile parse error on line 4: unknown instruction: RUNN (did you mean RUN?)\n',
      },
      4,
    ],
    [
      'legacy: a step whose command speaks of parse errors',
      'docker-legacy',
      'FROM scratch\nRUN echo dockerfile parse error line 1: x\n',
      {
        stdout: 'Step 2/2 : RUN echo dockerfile parse error line 1: x\n',
        stderr: "The command '/bin/sh -c echo dockerfile parse error line 1: x' returned a non-zero code: 3\n",
      },
      2,
    ],
    [
      'buildkit: the excerpt',
      'buildkit',
      STAGES,
      excerpt(17, 'RUN echo first && \\', 'process "/bin/sh -c x" did not complete successfully: exit code: 3'),
      17,
    ],
    [
      'buildkit: a parse error',
      'buildkit',
      TWICE,
      excerpt(4, 'RUNN', 'dockerfile parse error on line 4: unknown instruction: RUNN'),
      4,
    ],
    [
      'buildkit: an excerpt of another file',
      'buildkit',
      STAGES,
      excerpt(16, 'RUN x', 'process "/bin/sh -c x" did not complete successfully: exit code: 3'),
      undefined,
    ],
    [
      'buildkit: a step that prints an excerpt',
      'buildkit',
      'FROM scratch\nRUN x\nRUN exit 7\n  more\n',
      {
        stderr: `#4 [1/2] RUN x\n#4 0.1 Containerfile:2\n#4 0.1 --------------------\n#4 0.1    2 | >>> RUN x\n${excerpt(3, 'RUN exit 7', 'process "y" did not complete').stderr}`,
      },
      3,
    ],
    [
      'buildkit of old: the step that is shown again',
      'buildkit',
      TWICE,
      {
        stderr:
          '#5 [stage-1 1/3] RUN true\n#5 ERROR: executor failed running [/bin/sh -c true]: exit code: 1\n------\n > [stage-1 1/3] RUN true:\n------\nexecutor failed running [/bin/sh -c true]: exit code: 1\n',
      },
      4,
    ],
    [
      'buildkit of old: one that is written twice',
      'buildkit',
      TWICE,
      {
        stderr:
          '#5 [stage-1 2/3] RUN make\n------\n > [stage-1 2/3] RUN make:\n------\nexecutor failed running [/bin/sh -c make]: exit code: 1\n',
      },
      undefined,
    ],
    ['no Containerfile', 'podman', '', podman('STEP 2/2: RUN x', 'RUN x'), undefined],
  ])('%s', async (_name, dialect, containerfile, said, line) => {
    expect(await lineOf(dialect, containerfile, said)).toBe(line);
  });

  const INSTRUCTIONS: Record<string, string> = {
    'run-exit-7': 'RUN exit 7',
    'run-exit-125': 'RUN exit 125',
    'run-exit-137': 'RUN exit 137',
    'missing-copy-source': 'COPY nosuch /x',
    syntax: 'RUNN foo',
    'step-prints-signature': "RUN echo 'Error: server probably quit: unexpected EOF' >&2; exit 1",
    'step-prints-eof': "RUN echo 'unexpected EOF' >&2; exit 1",
  };
  const real = TRANSCRIPTS.filter((one) => one.case in INSTRUCTIONS);

  it.each(real.map((one) => [`${one.engine} ${one.version} ${one.mode}: ${one.case}`, one] as const))(
    'is found in the transcript of %s',
    async (_name, { engine, mode, case: name, stdout, stderr }) => {
      const docker: Dialect = mode === 'legacy' ? 'docker-legacy' : 'buildkit';
      const dialect = engine === 'docker' ? docker : mode === 'remote' ? 'podman-remote' : 'podman';
      const containerfile = `FROM scratch\nCOPY rootfs/ /\n${INSTRUCTIONS[name]}\n`;
      expect(await lineOf(dialect, containerfile, { stdout, stderr })).toBe(3);
    },
  );

  it.each(DIALECTS)('is not moved by what a step prints (%s)', async (dialect) => {
    const containerfile = 'FROM scratch\nRUN true\nRUN make\n';
    const forged = [
      'STEP 2/3: RUN true',
      'Step 2/3 : RUN true',
      '#9 [2/3] RUN true',
      '------\n > [2/3] RUN true:\n------',
      'Containerfile:2\n--------------------\n   2 | >>> RUN true\n--------------------',
      'Error: building at STEP "RUN true": while running runtime: exit status 1',
      'Error response from daemon: dockerfile parse error on line 1: x',
      ...HOSTILE,
    ];
    for (const text of forged) expect(await lineOf(dialect, containerfile, failingStep(dialect, `${text}\n`))).toBe(3);
  });

  it('is the line of an instruction or none, whatever was printed and written', async () => {
    const text = fc.oneof(
      fc.constantFrom(...HOSTILE),
      fc.string(),
      fc
        .array(
          fc.constantFrom('FROM a\n', 'RUN b', ' \\\n', '<<EOF', '\nEOF\n', '\n', '["a"', 'STEP 1/2: ', '…', '>>> '),
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...DIALECTS),
        text,
        text,
        text,
        async (dialect, containerfile, printed, step) => {
          const instructions = await readInstructions(containerfile);
          const attempt = {
            steps: [{ at: 0, step: '2/2', text: step }],
            tail: printed,
            verdict: { class: 'build-failed' as const, evidence: [], line: `Error: building at STEP "${printed}": x` },
          };
          const line = failingLine(dialect, attempt, instructions);
          expect([undefined, ...instructions.map((one) => one.line)]).toContain(line);
        },
      ),
    );
  });
});
