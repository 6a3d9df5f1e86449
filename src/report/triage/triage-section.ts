import type { CleanUpReport, IncidentReport, RunReport } from '../../journal/run-report.js';
import { formatCleanUp } from '../clean-up.js';
import { formatBytes, formatCount, formatDuration, formatPercent, plural } from '../figures.js';
import { handOffName } from '../hand-offs.js';
import { code, codeCell, fence, tableHead, tableRow, text } from '../markdown.js';
import { byteLength, fitting } from '../space.js';
import { advise, type Triage } from './advice.js';
import { weighHypotheses } from './hypotheses.js';
import { builderCpus, builderMemory, type StateAtDeath, stateAtDeath } from './state-at-death.js';

/** Beyond these nobody reads on, and they are much alike. */
const MOST_INCIDENTS = 20;
const MOST_EVIDENCE = 12;
const MOST_IN_FLIGHT = 20;

/**
 * The triage of each incident, as a person would write it by hand: what died, how we know, what was in flight, how engine
 * and host were, what may have caused it, what was done; then what to change. At most so many bytes; empty without incidents.
 */
export function renderTriage(report: RunReport, mostBytes: number): string {
  if (report.incidents.length === 0) return '';
  const triages = report.incidents.slice(0, MOST_INCIDENTS).map((incident): Triage & { incident: IncidentReport } => {
    const state = stateAtDeath(report, incident);
    return { incident, state, hypotheses: weighHypotheses(report, incident, state) };
  });
  const advice = renderAdvice(report, triages);
  const { text: parts, left: without } = fitting(triages, mostBytes - byteLength(advice), (triage) =>
    part(triage, report),
  );
  const left = without + report.incidents.length - triages.length;
  const note = left > 0 ? `${plural(left, 'incident')} left out for lack of space; report.json has all.\n\n` : '';
  return `### Triage\n\n${watchNote(report)}${parts}${note}${atEnd(report)}${advice}`;
}

function watchNote({ watchedByPings }: RunReport): string {
  if (watchedByPings === undefined) return '';
  return `The engine gave no events stream, so that pings watched it (it said: ${code(watchedByPings, 200)}).\n\n`;
}

function part({ incident, state, hypotheses }: Triage & { incident: IncidentReport }, report: RunReport): string {
  const since = formatDuration(incident.openedAt - report.startedAt);
  const { name, version, address } = report.engine;
  const where = address === undefined ? '' : ` at ${code(address)}`;
  return [
    `#### Incident ${incident.number}: the engine died ${since} after the start\n\n`,
    `What died: ${text(name)} ${text(version)}${where}, at ${new Date(incident.openedAt).toISOString()}.\n\n`,
    `How we know:\n\n${list(evidence(report, incident))}\n`,
    inFlightTable(state, incident),
    stateTable(report, state),
    `Why it may have died:\n\n${tableHead(['Cause', 'Likelihood', 'For', 'Against'])}`,
    ...hypotheses.map((hypothesis) =>
      tableRow([hypothesis.cause, hypothesis.likelihood, sentences(hypothesis.for), sentences(hypothesis.against)]),
    ),
    `\nWhat we did:\n\n${list(whatWeDid(report, incident))}\n`,
  ].join('');
}

function evidence(report: RunReport, incident: IncidentReport): string[] {
  const { sentinel } = incident;
  const watched = { stream: 'our events stream to the engine ended', pings: 'the engine did not answer our pings' };
  const victims = report.images.flatMap(({ name, attempts }) =>
    attempts.filter((attempt) => attempt.incident === incident.number).map((attempt) => ({ name, attempt })),
  );
  const pieces = [
    ...(sentinel === undefined
      ? []
      : [`Sentinel: ${watched[sentinel.watch]}, ${formatDuration(sentinel.at - report.startedAt)} after the start`]),
    // The sentinel's own sentence says no more than the line above it.
    ...incident.evidence
      .filter((sentence) => sentinel?.watch !== 'stream' || !sentence.startsWith('the events stream'))
      .map((sentence) => text(sentence)),
    ...report.images.flatMap((image) =>
      image.handOffs
        .filter((handOff) => handOff.incident === incident.number)
        .map((handOff) => {
          const { verdict, said = '' } = handOff;
          return `${code(handOffName(image, handOff), 150)}, attempt ${handOff.number}: ${code(verdict?.line ?? said)}`;
        }),
    ),
    ...victims.map(({ name, attempt }) => {
      const { ending, verdict } = attempt;
      const exit = ending?.kind === 'exited' ? `exit code ${ending.code}` : (ending?.kind ?? 'no ending');
      return `${code(name, 100)}, attempt ${attempt.number}: ${text(exit)}${verdict?.line === undefined ? '' : `: ${code(verdict.line)}`}`;
    }),
  ];
  return limited([...new Set(pieces)]);
}

function inFlightTable({ inFlight, builds, handOffs }: StateAtDeath, incident: IncidentReport): string {
  if (inFlight.length === 0) {
    const names = incident.inFlight.slice(0, MOST_IN_FLIGHT).map((name) => code(name, 100));
    return `In flight: ${names.length === 0 ? 'nothing' : names.join(', ')}.\n\n`;
  }
  const rows = inFlight
    .slice(0, MOST_IN_FLIGHT)
    .map(({ image, attempt, step, runMs, rssBytes }) =>
      tableRow([
        codeCell(image),
        step === undefined ? 'before its first step' : codeCell(`${step.step} ${step.text}`, 120),
        String(attempt),
        formatDuration(runMs),
        rssBytes === undefined ? '-' : formatBytes(rssBytes),
      ]),
    );
  const more = builds - rows.length;
  const note = more > 0 ? `\nand ${plural(more, 'build')} more.\n` : '';
  const names = handOffs.slice(0, MOST_IN_FLIGHT).map((name) => code(name, 150));
  const moreHandOffs = handOffs.length > names.length ? ` and ${handOffs.length - names.length} more` : '';
  const handedOver = names.length === 0 ? '' : `\nBeing handed over: ${names.join(', ')}${moreHandOffs}.\n`;
  return `In flight:\n\n${tableHead(['Image', 'At step'], ['Attempt', 'Running for', 'Memory'])}${rows.join('')}${note}${handedOver}\n`;
}

/** Only what was measured; a figure without one has no row. */
function stateTable(report: RunReport, state: StateAtDeath): string {
  const { host, engine } = state;
  const memory = formatBytes(builderMemory(report));
  const cpus = plural(builderCpus(report), 'CPU');
  const rows: [string, string | undefined, string][] = [
    ['CPU, mean of the 30 s before', say(state.cpuMeanPercent, formatPercent), cpus],
    ['Load (1 minute)', say(host.load1, (load) => load.toFixed(2)), cpus],
    ['Memory available, least of the 30 s before', say(state.memoryLeastBytes, formatBytes), memory],
    ['Swap used', say(host.swapUsedBytes, formatBytes), '-'],
    ['CPU pressure, peak', say(state.cpuPressurePeak, formatPercent), '-'],
    ['Memory pressure, peak', say(state.memoryPressurePeak, formatPercent), '-'],
    ['I/O pressure, peak', say(state.ioPressurePeak, formatPercent), '-'],
    ['Disk free where images are stored', say(host.diskFreeBytes, formatBytes), '-'],
    ['OOM kills at that moment', say(state.oomKills, formatCount), '-'],
    ['Open files of the machine', say(host.openFiles, formatCount), '-'],
    ['Engine: memory', say(engine.rssBytes, formatBytes), memory],
    ['Engine: CPU', say(engine.cpuPercent, formatPercent), cpus],
    ['Engine: threads', say(engine.threads, formatCount), '-'],
    ['Engine: open files', say(engine.openFiles, formatCount), say(engine.openFilesLimit, formatCount) ?? '-'],
  ];
  const known = rows.flatMap(([name, value, limit]) => (value === undefined ? [] : [tableRow([name, value, limit])]));
  if (known.length === 0) return 'How engine and host were is not known: nothing was sampled before it.\n\n';
  return `Engine and host at that moment:\n\n${tableHead(['Figure'], ['At death', 'Limit'])}${known.join('')}\n`;
}

function whatWeDid(report: RunReport, incident: IncidentReport): string[] {
  const lane = report.lanes.find(
    ({ at, why }) => at >= incident.openedAt && why.includes(`incident ${incident.number}`),
  );
  const retried = report.images.filter(({ attempts }) =>
    attempts.some((attempt, index) => attempt.incident === incident.number && index < attempts.length - 1),
  );
  const cleanUps = report.cleanUps.filter((cleanUp) => cleanUp.incident === incident.number);
  return limited([
    ...incident.recoveries.map(recovery),
    ending(incident),
    ...cleanUps.flatMap(cleaned),
    ...(lane === undefined ? [] : [`The lane went to ${lane.lane} (${text(lane.mode)}).`]),
    ...(retried.length === 0
      ? []
      : [
          `Built again: ${retried
            .slice(0, MOST_IN_FLIGHT)
            .map(({ name }) => code(name, 100))
            .join(', ')}.`,
        ]),
  ]);
}

function recovery({ command, code: exit, said }: IncidentReport['recoveries'][number]): string {
  const how = exit === undefined ? 'did not end' : exit === 0 ? 'succeeded' : `exit code ${exit}`;
  return `Recovery: ${code(command, 300)}: ${how}${said === '' ? '' : `; it said: ${code(said, 300)}`}`;
}

function ending({ openedAt, closedAt, answered, said }: IncidentReport): string {
  if (closedAt === undefined) return 'Whether the engine answered again is not known: the journal ends first.';
  const took = formatDuration(closedAt - openedAt);
  if (answered) return `The engine answered again ${took} later.`;
  return `The engine did not answer within ${took}${said ? `; it said: ${code(said)}` : '.'}`;
}

function cleaned(cleanUp: CleanUpReport): string[] {
  const lines = cleanUp.removed.length === 0 ? [] : [`Cleaned up: ${formatCleanUp(cleanUp)}.`];
  return [...lines, ...cleanUp.left.map((left) => `Left as it is: ${text(left, 300)}`)];
}

function atEnd(report: RunReport): string {
  const lines = report.cleanUps.filter(({ incident }) => incident === undefined).flatMap(cleaned);
  return lines.length === 0 ? '' : `At the end:\n\n${list(limited(lines))}\n`;
}

function renderAdvice(report: RunReport, triages: readonly Triage[]): string {
  const advice = advise(report, triages);
  if (advice.length === 0) return '### Advice\n\nNothing that was measured speaks for a change.\n\n';
  const items = advice.slice(0, MOST_EVIDENCE).map(({ do: what, because, paste }) => {
    const block = paste === undefined ? '' : `\n${fence(paste, paste.startsWith('podman') ? 'sh' : 'yaml')}`;
    return `**${text(what)}** Measured: ${text(because)}.\n${block}\n`;
  });
  return `### Advice\n\n${items.join('')}`;
}

function limited(lines: readonly string[]): string[] {
  const more = lines.length - MOST_EVIDENCE;
  return more > 0 ? [...lines.slice(0, MOST_EVIDENCE), `and ${more} more, in report.json`] : [...lines];
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}\n`).join('');
}

function sentences(findings: readonly string[]): string {
  return findings.length === 0 ? '-' : findings.map((sentence) => text(sentence)).join('; ');
}

function say(figure: number | undefined, format: (figure: number) => string): string | undefined {
  return figure === undefined ? undefined : format(figure);
}
