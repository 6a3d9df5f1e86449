import type { RunReport } from '../../journal/run-report.js';
import { formatBytes, formatDuration, plural } from '../figures.js';
import { alwaysInFlight, type Cause, HUGE_CONTEXT_BYTES } from './causes.js';
import type { Hypothesis } from './hypotheses.js';
import { knownBugs } from './known-bugs.js';
import { builderCpus, builderMemory, type StateAtDeath } from './state-at-death.js';

/** Something to change, with the measurement that speaks for it, and text to paste where there is one. */
export interface Advice {
  do: string;
  because: string;
  paste?: string;
}

/** A host keeps so much for itself when a virtual machine is made larger. */
const HOST_SHARE = 0.75;

/** An incident with what was read off it. */
export interface Triage {
  state: StateAtDeath;
  hypotheses: Hypothesis[];
}

/** What to change so that it does not happen again: each piece rests on a measurement of this run. */
export function advise(report: RunReport, triages: readonly Triage[]): Advice[] {
  return [
    ...narrowerLane(report, triages),
    ...moreMemory(report, triages),
    ...moreDisk(triages),
    ...moreFiles(report, triages),
    ...smallerContext(report),
    ...poison(report),
    ...upgrade(report),
    ...bringBack(report),
    ...moreRetries(report),
  ];
}

function holds(triages: readonly Triage[], ...causes: Cause[]): boolean {
  return triages.some(({ hypotheses }) =>
    hypotheses.some(
      ({ cause, likelihood }) => causes.includes(cause) && (likelihood === 'likely' || likelihood === 'possible'),
    ),
  );
}

/** What the run itself found out: it survived at the lane that it ended with. */
function narrowerLane(report: RunReport, triages: readonly Triage[]): Advice[] {
  const together = Math.max(0, ...triages.map(({ state }) => state.builds));
  if (
    together < 2 ||
    report.lane >= report.budget.lane ||
    !holds(triages, 'overload', 'memory', 'OOM kill', 'engine bug')
  )
    return [];
  const last = report.incidents.at(-1);
  const calm =
    last?.closedAt === undefined
      ? ''
      : `, and none in the ${formatDuration(report.endedAt - last.closedAt)} after the last`;
  return [
    {
      do: 'Build fewer images at once.',
      because: `${plural(report.incidents.length, 'incident')} with up to ${together} builds in flight${calm}; the lane ended at ${report.lane}`,
      paste: `max-parallel: ${report.lane}`,
    },
  ];
}

function moreMemory(report: RunReport, triages: readonly Triage[]): Advice[] {
  if (!holds(triages, 'memory', 'OOM kill')) return [];
  const total = builderMemory(report);
  const left = Math.min(...triages.flatMap(({ state }) => state.memoryLeastBytes ?? []));
  const kills = triages.reduce((sum, { state }) => sum + (state.oomKills ?? 0), 0);
  const because = [
    ...(Number.isFinite(left) ? [`${formatBytes(left)} of ${formatBytes(total)} were available at the least`] : []),
    ...(kills > 0 ? [`${plural(kills, 'OOM kill')} at the moment of a death`] : []),
  ].join('; ');
  if (because === '') return [];
  if (report.engineMachine === undefined)
    return [{ do: 'Use a runner with more memory, or build fewer images at once.', because }];
  const wanted = Math.min(2 * total, report.host.memoryBytes * HOST_SHARE);
  if (wanted <= total)
    return [{ do: 'The machine has no more memory to give to its engine: build fewer images at once.', because }];
  return [
    {
      do: 'Give the machine of the engine more memory.',
      because,
      paste: `podman machine set --memory ${Math.floor(wanted / 1024 ** 2)} --cpus ${builderCpus(report)}`,
    },
  ];
}

function moreDisk(triages: readonly Triage[]): Advice[] {
  const free = Math.min(...triages.flatMap(({ state }) => state.host.diskFreeBytes ?? []));
  if (!holds(triages, 'disk') || !Number.isFinite(free)) return [];
  return [
    {
      do: 'Make room where images are stored: see what takes it before the builds begin.',
      because: `${formatBytes(free)} were free when the engine died`,
      paste: 'podman system df   # or: docker system df',
    },
  ];
}

function moreFiles(report: RunReport, triages: readonly Triage[]): Advice[] {
  const worst = triages.find(({ state }) => state.engine.openFilesLimit !== undefined)?.state.engine;
  if (!holds(triages, 'file descriptors') || worst === undefined) return [];
  const unit = report.engine.name === 'docker' ? 'docker' : 'podman';
  return [
    {
      do: 'Let the engine open more files.',
      because: `it had ${worst.openFiles} of at most ${worst.openFilesLimit} open`,
      paste: `# systemctl edit ${unit}.service\n[Service]\nLimitNOFILE=1048576`,
    },
  ];
}

function smallerContext(report: RunReport): Advice[] {
  return report.images.flatMap(({ name, context }) => {
    if (context === undefined || context.bytes < HUGE_CONTEXT_BYTES || context.ignoreFile) return [];
    const size = `${context.complete ? '' : 'at least '}${formatBytes(context.bytes)} in ${plural(context.files, 'file')}`;
    return [
      {
        do: `Give the context of "${name}" a .dockerignore: all of its folder is sent to the engine.`,
        because: `the folder holds ${size}, and has no ignore file`,
        paste: '# .dockerignore\n.git\nnode_modules\n**/*.log',
      },
    ];
  });
}

function poison(report: RunReport): Advice[] {
  const suspect = alwaysInFlight(report);
  if (suspect === undefined) return [];
  return [
    {
      do: `Look at "${suspect}" first: it may be what ends the engine. Build it in a step of its own to see.`,
      because: `it was in flight at each of ${report.incidents.length} incidents, and no other image was`,
      paste: `targets: ${suspect}`,
    },
  ];
}

function upgrade(report: RunReport): Advice[] {
  if (report.incidents.length === 0) return [];
  const { name, version } = report.engine;
  return knownBugs(report.engine).map((bug) => ({
    do: `Upgrade ${name}: ${bug.what} (${bug.from} to ${bug.to}; ${bug.source}).`,
    because: `${name} ${version} died ${report.incidents.length === 1 ? 'once' : `${report.incidents.length} times`} in this run`,
  }));
}

function bringBack(report: RunReport): Advice[] {
  const lost = report.incidents.find(({ answered, recoveries }) => answered === false && recoveries.length === 0);
  if (lost?.closedAt === undefined) return [];
  return [
    {
      do: 'Let the action bring the engine back.',
      because: `the engine had not answered ${formatDuration(lost.closedAt - lost.openedAt)} after incident ${lost.number}, and nothing restarted it`,
      paste: 'recovery: restart',
    },
  ];
}

function moreRetries(report: RunReport): Advice[] {
  const spent = report.images.filter(
    ({ verdict, attempts }) => verdict?.class === 'engine-crash' && attempts.length === report.budget.retries + 1,
  );
  if (spent.length === 0) return [];
  return [
    {
      do: 'Allow more retries, once the cause is dealt with.',
      because: `${plural(spent.length, 'image')} used up ${plural(report.budget.retries, 'retry', 'retries')} on crashes`,
      paste: `retries: ${report.budget.retries * 2 || 1}`,
    },
  ];
}
