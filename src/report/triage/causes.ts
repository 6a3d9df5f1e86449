import type { IncidentReport, RunReport } from '../../journal/run-report.js';
import { formatBytes, formatPercent, plural } from '../figures.js';
import { namesInFlight } from '../in-flight.js';
import { knownBugs } from './known-bugs.js';
import { builderCpus, builderMemory, type StateAtDeath } from './state-at-death.js';

/** How a measurement speaks to a hypothesis: 3 decides, 2 is strong, 1 is a hint. */
export interface Finding {
  says: string;
  weight: 1 | 2 | 3;
}

export type Cause =
  | 'OOM kill'
  | 'memory'
  | 'overload'
  | 'disk'
  | 'file descriptors'
  | 'huge context'
  | 'connection or VM loss'
  | 'engine bug'
  | 'ended from outside';

/** A cause, with the measurements for and against it. */
export interface Weighed {
  cause: Cause;
  for: Finding[];
  against: Finding[];
}

const LOW_MEMORY = 0.1;
const MUCH_MEMORY = 0.25;
const LOW_DISK_BYTES = 1024 ** 3;
const MUCH_DISK_BYTES = 10 * 1024 ** 3;
export const HUGE_CONTEXT_BYTES = 500 * 1024 ** 2;
/** A pressure at which most of the time something waits. */
const HIGH_PRESSURE = 40;
const SOME_PRESSURE = 10;

function weigh(cause: Cause, findings: { for?: (Finding | false)[]; against?: (Finding | false)[] }): Weighed {
  const real = (list: (Finding | false)[] = []) => list.filter((finding) => finding !== false);
  return { cause, for: real(findings.for), against: real(findings.against) };
}

function finding(when: boolean | undefined, weight: Finding['weight'], says: () => string): Finding | false {
  return when === true && { says: says(), weight };
}

export function oomKill({ oomKills }: StateAtDeath): Weighed {
  return weigh('OOM kill', {
    for: [
      finding(
        oomKills !== undefined && oomKills > 0,
        3,
        () => `the kernel killed ${plural(oomKills ?? 0, 'process', 'processes')} for want of memory at that moment`,
      ),
    ],
    against: [finding(oomKills === 0, 3, () => "the kernel's count of OOM kills did not rise")],
  });
}

export function memory(report: RunReport, state: StateAtDeath): Weighed {
  const total = builderMemory(report);
  const { memoryLeastBytes: left, memoryPressurePeak: pressure } = state;
  const share = left === undefined ? undefined : left / total;
  const swap = state.host.swapUsedBytes;
  const said = () => `${formatBytes(left ?? 0)} of ${formatBytes(total)} were available at the least`;
  return weigh('memory', {
    for: [
      finding(share !== undefined && share < LOW_MEMORY, 2, said),
      finding(
        pressure !== undefined && pressure >= SOME_PRESSURE,
        2,
        () => `memory pressure reached ${formatPercent(pressure ?? 0)}`,
      ),
      finding(swap !== undefined && swap > total * LOW_MEMORY, 1, () => `${formatBytes(swap ?? 0)} were in swap`),
    ],
    against: [
      finding(share !== undefined && share >= MUCH_MEMORY, 2, said),
      finding(pressure !== undefined && pressure < 1, 1, () => 'there was no memory pressure'),
    ],
  });
}

export function overload(report: RunReport, state: StateAtDeath): Weighed {
  const { builds, handOffs } = state;
  const cpus = builderCpus(report);
  const { cpuMeanPercent: cpu, loadPeak: load, cpuPressurePeak: pressure } = state;
  const others = report.incidents.map((incident) => namesInFlight(incident, report).builds.length);
  const onlyTogether = others.length >= 2 && Math.min(...others) >= 2;
  return weigh('overload', {
    for: [
      finding(builds > cpus, 2, () => `${builds} builds were in flight on ${plural(cpus, 'CPU')}`),
      finding(builds > 1 && builds <= cpus, 1, () => `${builds} builds were in flight`),
      finding(
        builds > 0 && handOffs.length > 0,
        1,
        () => `${plural(handOffs.length, 'hand-off')} ran beside ${plural(builds, 'build')}`,
      ),
      finding(onlyTogether, 1, () => 'the engine never died with one build alone'),
      finding(cpu !== undefined && cpu >= 90, 1, () => `the CPUs were ${formatPercent(cpu ?? 0)} busy before it`),
      finding(load !== undefined && load > 2 * cpus, 1, () => `the load reached ${load?.toFixed(1)}`),
      finding(
        pressure !== undefined && pressure >= HIGH_PRESSURE,
        1,
        () => `CPU pressure reached ${formatPercent(pressure ?? 0)}`,
      ),
    ],
    against: [
      finding(builds === 1, 2, () => 'one build was in flight'),
      finding(builds === 0, 3, () => 'no build was in flight'),
      finding(cpu !== undefined && cpu < 50, 1, () => `the CPUs were ${formatPercent(cpu ?? 0)} busy before it`),
    ],
  });
}

export function disk({ host: { diskFreeBytes: free }, ioPressurePeak: pressure }: StateAtDeath): Weighed {
  const said = () => `${formatBytes(free ?? 0)} were free where images are stored`;
  return weigh('disk', {
    for: [
      finding(free !== undefined && free < LOW_DISK_BYTES, 3, said),
      finding(
        pressure !== undefined && pressure >= HIGH_PRESSURE,
        1,
        () => `I/O pressure reached ${formatPercent(pressure ?? 0)}`,
      ),
    ],
    against: [finding(free !== undefined && free >= MUCH_DISK_BYTES, 2, said)],
  });
}

export function fileDescriptors({ engine: { openFiles, openFilesLimit } }: StateAtDeath): Weighed {
  const known = openFiles !== undefined && openFilesLimit !== undefined && openFilesLimit > 0;
  const share = known ? openFiles / openFilesLimit : undefined;
  const said = () => `the engine had ${openFiles} of at most ${openFilesLimit} files open`;
  return weigh('file descriptors', {
    for: [finding(share !== undefined && share >= 0.8, 3, said)],
    against: [finding(share !== undefined && share < 0.5, 2, said)],
  });
}

export function hugeContext({ inFlight }: StateAtDeath): Weighed {
  const known = inFlight.flatMap(({ image, context, step }) =>
    context === undefined ? [] : [{ image, context, step }],
  );
  const huge = known.filter(({ context }) => context.bytes >= HUGE_CONTEXT_BYTES);
  const copying = huge.filter(({ step }) => step === undefined || /^(COPY|ADD)\b/i.test(step.text));
  const largest = known.reduce((most, { context }) => Math.max(most, context.bytes), 0);
  const name = ({ image, context }: (typeof known)[number]) =>
    `the context folder of "${image}" holds ${context.complete ? '' : 'at least '}${formatBytes(context.bytes)}${context.ignoreFile ? ', of which its ignore file may spare some' : ', and has no ignore file'}`;
  return weigh('huge context', {
    for: [
      ...huge.map((entry) => finding(true, entry.context.ignoreFile ? 1 : 2, () => name(entry))),
      ...copying.map((entry) =>
        finding(
          true,
          2,
          () => `"${entry.image}" was ${entry.step === undefined ? 'still sending it' : 'copying from it'}`,
        ),
      ),
    ],
    against: [
      finding(
        known.length > 0 && huge.length === 0,
        3,
        () => `the largest context folder holds ${formatBytes(largest)}`,
      ),
    ],
  });
}

export function connection(report: RunReport, incident: IncidentReport, { sameServer }: StateAtDeath): Weighed {
  const { address } = report.engine;
  const lines = linesOf(report, incident);
  const remote = report.engineMachine !== undefined || /^(ssh|tcp):/.test(address ?? '');
  const local = address?.startsWith('unix:') === true && report.engineMachine === undefined;
  const ssh = lines.find((line) => /\bssh\b|client_loop|broken pipe|connection reset/i.test(line));
  return weigh('connection or VM loss', {
    for: [
      finding(sameServer === true, 3, () => 'the server that answers now is the same process as before'),
      finding(remote, 1, () => 'the engine runs on another machine'),
      finding(ssh !== undefined, 2, () => `the client spoke of its connection: ${ssh}`),
    ],
    against: [
      finding(sameServer === false, 3, () => 'another server process answers now: the one before died'),
      finding(local, 1, () => 'the engine is reached by a socket of this machine'),
    ],
  });
}

export function outside(report: RunReport, incident: IncidentReport): Weighed {
  const said = [...linesOf(report, incident), ...tailsOf(report, incident).flatMap((tail) => tail.split('\n'))];
  const told = said.find((line) => /signal: terminated$|^container exited on (killed|terminated)$/.test(line.trim()));
  return weigh('ended from outside', {
    for: [
      finding(
        told !== undefined,
        2,
        () =>
          `the server ended the running step before it ended itself, as one that is told to stop does: "${told?.trim()}"`,
      ),
    ],
    against: [],
  });
}

export function engineBug(report: RunReport, incident: IncidentReport, explained: boolean): Weighed {
  const everywhere = alwaysInFlight(report);
  const panic = tailsOf(report, incident).some((tail) => /^(panic:|fatal error:|SIGSEGV: )/m.test(tail));
  return weigh('engine bug', {
    for: [
      finding(panic, 3, () => 'the output shows a panic'),
      ...knownBugs(report.engine).map((bug) =>
        finding(true, 1, () => `${report.engine.name} ${report.engine.version} is known for this: ${bug.what}`),
      ),
      finding(everywhere !== undefined, 2, () => `"${everywhere}" was in flight each time the engine died`),
      finding(!explained, 1, () => 'nothing that was measured explains the death'),
    ],
    against: [finding(explained, 2, () => 'what was measured explains the death')],
  });
}

/** The one image that was being built at every incident, of two at least: it may be what ends the engine. */
export function alwaysInFlight(report: RunReport): string | undefined {
  if (report.incidents.length < 2) return undefined;
  let always: string[] | undefined;
  for (const incident of report.incidents) {
    const { builds } = namesInFlight(incident, report);
    const names = new Set(builds);
    always = always === undefined ? builds : always.filter((name) => names.has(name));
    if (always.length === 0) return undefined;
  }
  return always?.length === 1 && report.images.length > 1 ? always[0] : undefined;
}

function victims(report: RunReport, incident: IncidentReport) {
  return report.images.flatMap(({ attempts, handOffs }) =>
    [...attempts, ...handOffs].filter((one) => one.incident === incident.number),
  );
}

function linesOf(report: RunReport, incident: IncidentReport): string[] {
  return victims(report, incident).flatMap(({ verdict }) => verdict?.line ?? []);
}

function tailsOf(report: RunReport, incident: IncidentReport): string[] {
  return victims(report, incident).flatMap(({ tail }) => tail ?? []);
}
