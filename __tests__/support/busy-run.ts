import type { EngineSample, HostSample } from '../../src/journal/events.js';
import { BROKEN, CRASH, journal, START } from './journal-factory.js';

const GIB = 1024 ** 3;
const STEPS = ['FROM busybox', 'WORKDIR /src', 'COPY . .', 'RUN go mod download', 'RUN go build ./...', 'CMD ["/app"]'];

/** How large a run is made. */
export interface Size {
  images: number;
  /** Attempts at once. */
  lane: number;
  seconds: number;
  incidents: number;
}

/**
 * A run of an hour and a thousand images, or of any other size: attempts with steps, each second a sample with all its
 * figures, incidents that take down what is in flight, and here and there an image that fails. The same each time.
 */
export function busyRun({ images, lane, seconds, incidents }: Size) {
  const names = Array.from({ length: images }, (_, index) => `service-${String(index + 1).padStart(4, '0')}`);
  const run = journal(names, { lane, serialAfter: incidents + 1 });
  const waiting = [...names];
  const flights: Flight[] = [];
  const took = (seconds * 0.4 * lane) / images;
  const deaths = Array.from({ length: incidents }, (_, index) =>
    Math.round((seconds * (index + 0.6)) / (incidents + 0.5)),
  );
  let down = 0;
  let width = lane;

  let second = 0;
  for (; second < seconds || waiting.length + flights.length > 0; second += 1) {
    for (const flight of flights.filter(({ until }) => until <= second)) {
      tellSteps(flight, second);
      flights.splice(flights.indexOf(flight), 1);
      const broken = names.indexOf(flight.name) % 97 === 5;
      if (broken) run.fails(flight.until, flight.name, BROKEN).givesUp(flight.until, flight.name, BROKEN);
      else run.builds(flight.until, flight.name);
    }
    const incident = deaths.indexOf(second) + 1;
    if (incident > 0) {
      run.dies(
        second,
        incident,
        flights.map(({ name }) => name),
      );
      for (const { name } of flights.splice(0)) {
        run.fails(second + 0.1, name, CRASH, { incident }).retries(second + 0.1, name);
        waiting.unshift(name);
      }
      down = second + 6;
      const at = START + second * 1000;
      run.add({ type: 'recovery', at, incident, command: 'podman machine start', code: 0, said: 'started' });
      const removed = [{ kind: 'working-container' as const, id: 'a1' }];
      run.add({ type: 'cleaned-up', at: at + 6_000, incident, removed, freedBytes: GIB, left: [] });
      run.answers(down, incident);
      const narrow = Math.max(2, Math.ceil(width / 2));
      run.add({ type: 'lane-changed', at, from: width, lane: narrow, mode: 'reduced', why: `incident ${incident}` });
      width = narrow;
    }
    while (second >= down && flights.length < width && waiting.length > 0) {
      const name = waiting.shift() as string;
      const until = second + took * (0.5 + wave(names.indexOf(name)));
      run.starts(second, name);
      flights.push({ name, since: second, until, steps: 0 });
    }
    for (const flight of flights) tellSteps(flight, second);
    const busy = flights.length / lane;
    const attempts = flights.map(({ name }) => ({
      image: name,
      attempt: run.attemptOf(name),
      cpuPercent: 40 + 50 * wave(second),
      rssBytes: Math.round(0.2 * GIB * (1 + wave(second + 3))),
    }));
    run.add({
      type: 'sample',
      at: START + second * 1000,
      host: hostAt(second, busy),
      engine: engineAt(second, busy, second < down),
      attempts,
    });
  }
  return run.over(second, names.length > 5 ? 'failure' : 'success');

  /** Tells the steps that have begun by now. */
  function tellSteps(flight: Flight, now: number): void {
    for (; flight.steps < STEPS.length; flight.steps += 1) {
      const since = flight.since + ((flight.until - flight.since) * flight.steps) / STEPS.length;
      if (since > now) return;
      const [step, text] = [`${flight.steps + 1}/${STEPS.length}`, STEPS[flight.steps] ?? ''];
      const cached = flight.steps < 2 ? { cached: true } : {};
      const { name: image } = flight;
      run.add({ type: 'step-started', at: run.at(since), image, attempt: run.attemptOf(image), step, text, ...cached });
    }
  }
}

interface Flight {
  name: string;
  since: number;
  until: number;
  /** Of which the journal tells already. */
  steps: number;
}

function hostAt(second: number, busy: number): HostSample {
  const load = busy * (0.7 + 0.3 * wave(second));
  return {
    cpuPercent: 8 + 88 * load,
    cpuUserPercent: 5 + 60 * load,
    cpuSystemPercent: 3 + 24 * load,
    cpuStealPercent: 2 * wave(second * 7),
    load1: 8 * load,
    memoryUsedBytes: Math.round(GIB * (1.2 + 5 * load)),
    memoryAvailableBytes: Math.round(GIB * (5.8 - 5 * load)),
    swapUsedBytes: Math.round(GIB * 0.2 * load),
    cpuPressurePercent: 55 * load * wave(second),
    memoryPressurePercent: 12 * load * wave(second + 40),
    ioPressurePercent: 25 * wave(second * 3),
    diskFreeBytes: 40 * GIB - second * 4_000_000,
    openFiles: 2_000,
    oomKills: 0,
  };
}

function engineAt(second: number, busy: number, dead: boolean): EngineSample {
  if (dead) return {};
  return {
    cpuPercent: 180 * busy * (0.6 + 0.4 * wave(second * 2)),
    rssBytes: Math.round(GIB * (0.1 + 0.4 * busy + 0.1 * wave(second))),
    threads: 14 + Math.round(20 * busy),
    openFiles: Math.round(30 + 400 * busy),
    openFilesLimit: 4_096,
  };
}

/** 0 to 1, up and down, never the same twice in a row. */
function wave(at: number): number {
  return 0.5 + 0.35 * Math.sin(at / 13) + 0.15 * Math.sin(at / 2.3);
}
