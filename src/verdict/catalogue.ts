import type { VerdictClass } from '../journal/events.js';
import type { Signature } from './signature.js';

/** What we do about a verdict, and what the user can do. */
const VERDICTS: Readonly<Record<VerdictClass, { does: string; can: string }>> = {
  'engine-crash': {
    does: 'Counts an incident, waits until the engine answers (or brings it back, with `recovery: restart`), narrows the lane where it is wider than two (to one after `serial-after` of them), and tries again, at most `retries` times.',
    can: 'If it happens in each run: lower `max-parallel`, give the engine more memory, or upgrade it. The summary says what was in flight.',
  },
  'build-failed': {
    does: 'Fails the image after this one attempt.',
    can: 'Mend the Containerfile or what it runs; the log of the attempt has the output of the step.',
  },
  'usage-error': {
    does: 'Fails the image after this one attempt.',
    can: 'Mend what the line names: the definition, a path, a tag, a flag, or the name of a base image.',
  },
  'registry-flake': {
    does: 'Fails the image, unless `retry-on` names `registry-flake`; then it is tried again as after a crash.',
    can: 'Log in to the registry, use a mirror or a cache, or add `registry-flake` to `retry-on`.',
  },
  'resources-exhausted': {
    does: 'Fails the image, with the free space before and after, or the count of OOM kills, where these can be seen. It cannot be retried.',
    can: 'Free space, or give the machine more disk or memory; build less at once.',
  },
  'storage-contention': {
    does: 'Fails the image, unless `retry-on` names `storage-contention`; then it is tried again as after a crash.',
    can: 'Add `storage-contention` to `retry-on`, or let no other job use the same storage. Damaged storage needs `podman system check` or a reset by hand.',
  },
  timeout: {
    does: 'Ends the attempt with its whole process group; it is not tried again.',
    can: 'Raise `timeout` or `deadline`, or find out what waits.',
  },
  cancelled: {
    does: 'Reports what was done and what was not.',
    can: 'Nothing, unless nobody cancelled: then look for who ends processes on that machine.',
  },
};

/** What is decided without any line of the client. */
const WITHOUT_WORDS: readonly [string, VerdictClass][] = [
  ['The run was cancelled (SIGINT, SIGTERM)', 'cancelled'],
  ['The attempt ran past its `timeout`, or the run past its `deadline`', 'timeout'],
  ['The build was silent for `stall-timeout`, and the engine did not answer two pings', 'engine-crash'],
  ['The build command is not installed', 'usage-error'],
  ['The client was ended by SIGTERM, SIGINT or SIGHUP, not by us', 'cancelled'],
  ['The client died of SIGKILL, SIGSEGV, SIGABRT or SIGBUS, not by us', 'engine-crash'],
  ['Exit 0, and the engine died before it could show the image', 'engine-crash'],
  ['Exit 0 of a local podman, and no image, as podman 4.1 to 5.2 leaves it after SIGTERM', 'cancelled'],
  ['Exit 0 otherwise, and no image', 'build-failed'],
  ['A line that we do not know, and the engine died within the attempt', 'engine-crash'],
  ['A line that we do not know, or none', 'build-failed'],
];

/** The page of every failure that we know, as markdown: symptom, verdict, what we do, what the user can do. */
export function renderCatalogue(signatures: readonly Signature[]): string {
  const classes = Object.keys(VERDICTS) as VerdictClass[];
  return `${[
    '# Failures',
    '',
    'Every symptom that we know. This page is made from the table that decides (`src/verdict/`), by `npm run docs`; do not edit it.',
    '',
    'The first symptom that fits decides. A pattern must match the whole of the last error line that the *client* printed itself (unless the symptom says otherwise); what a step of the build prints is no evidence.',
    '',
    '## Verdicts',
    '',
    '| verdict | what we do | what you can do |',
    '| --- | --- | --- |',
    ...classes.map((verdict) => `| \`${verdict}\` | ${VERDICTS[verdict].does} | ${VERDICTS[verdict].can} |`),
    '',
    '## Symptoms without a line',
    '',
    '| symptom | verdict |',
    '| --- | --- |',
    ...WITHOUT_WORDS.map(([symptom, verdict]) => `| ${symptom} | \`${verdict}\` |`),
    '',
    '## Symptoms in the client’s words',
    ...classes.flatMap((verdict) => section(verdict, signatures)),
  ].join('\n')}\n`;
}

function section(verdict: VerdictClass, signatures: readonly Signature[]): string[] {
  const own = signatures.filter((signature) => signature.class === verdict);
  if (own.length === 0) return [];
  return ['', `### ${verdict}`, ...own.flatMap(entry)];
}

function entry(signature: Signature): string[] {
  const { id, means, dialects, whenEngineDied, killed, source } = signature;
  return [
    '',
    `#### ${id}`,
    '',
    `${means[0]?.toUpperCase()}${means.slice(1)}.`,
    '',
    '```text',
    ...patterns(signature),
    '```',
    '',
    `- Engines: ${dialects.join(', ')}`,
    ...(whenEngineDied === undefined ? [] : [`- If the engine died within the attempt: \`${whenEngineDied}\``]),
    ...(killed
      ? ['- If the kernel killed for want of memory meanwhile: `resources-exhausted`; if it did not: `build-failed`']
      : []),
    `- Source: ${source}`,
  ];
}

function patterns({ last, above = [], step, code }: Signature): string[] {
  return [
    ...(step === undefined ? [] : [`last step header:  ${inner(step)}`]),
    ...above.map((pattern) => `an earlier line:   ${inner(pattern)}`),
    last === undefined ? 'no error line' : `last error line:   ${inner(last)}`,
    ...(code === undefined ? [] : [`exit code:         ${code}`]),
  ];
}

/** The pattern without the anchors that all have. */
function inner(pattern: RegExp): string {
  return pattern.source
    .replace(/^\^\(\?:/, '')
    .replace(/\)\$$/, '')
    .replaceAll('\\/', '/')
    .replaceAll('\\x60', '`');
}
