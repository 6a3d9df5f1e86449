import type { EngineFacts } from '../../journal/events.js';

/** A fault that ends an engine, and in which of its versions. */
export interface KnownBug {
  engine: EngineFacts['name'];
  /** The first and the last version that is known to have it, both included. */
  from: string;
  to: string;
  /** One sentence. */
  what: string;
  source: string;
}

export const KNOWN_BUGS: readonly KnownBug[] = [
  {
    engine: 'podman',
    from: '4.3.0',
    to: '4.3.1',
    what: 'the server can panic when a client vanishes in mid-build, which ends every other build with it',
    source: 'seen with 4.3.1: nil pointer in imagebuildah/stage_executor.go',
  },
  {
    engine: 'podman',
    from: '5.0.0',
    to: '5.0.1',
    what: 'podman can die with "concurrent map writes" under load',
    source: 'https://github.com/containers/podman/issues/22330',
  },
  {
    engine: 'docker',
    from: '20.10.0',
    to: '20.10.17',
    what: 'dockerd can die with "concurrent map writes" when several builds use --cache-from',
    source: 'https://github.com/moby/buildkit/issues/2889',
  },
];

/** The faults that this engine's version is known to have. */
export function knownBugs({ name, version }: Pick<EngineFacts, 'name' | 'version'>): KnownBug[] {
  return KNOWN_BUGS.filter(
    (bug) => bug.engine === name && compare(version, bug.from) >= 0 && compare(version, bug.to) <= 0,
  );
}

/** As numbers, part by part; what follows the third part, such as `-rc1`, does not count. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let part = 0; part < 3; part += 1) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
