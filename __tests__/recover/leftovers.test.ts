import { describe, expect, it } from '@jest/globals';
import type { BuildTrace } from '../../src/engine/build-trace.js';
import {
  chooseContainers,
  chooseFolders,
  chooseLayers,
  chooseProcesses,
  type Interrupted,
} from '../../src/recover/leftovers.js';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const trace = (of: Partial<BuildTrace> = {}): BuildTrace => ({
  unnamed: 1,
  layers: [],
  cached: [],
  containers: [],
  lastStep: '',
  ...of,
});
const attempt = (of: Partial<BuildTrace> = {}): Interrupted => ({ startedAt: 1_000, endedAt: 5_000, trace: trace(of) });
const none = () => false;
const all = () => true;
const unseen = () => undefined;

describe('working containers', () => {
  const scratch = { id: '1', base: '', bornAt: 1_500 };
  const onA = { id: '2', base: A, bornAt: 2_000 };

  it('are ours when they were born within the attempt on what its output names', () => {
    const ours = attempt({ layers: [A.slice(0, 11)] });
    expect(chooseContainers([scratch, onA], [ours], none)).toEqual({ ids: ['1', '2'], left: [] });
  });

  it.each([
    ['before it', 999],
    ['after it', 5_001],
    ['at a time that nobody knows', undefined],
  ])('are not ours when they were born %s', (_, bornAt) => {
    const born = bornAt === undefined ? { id: '1', base: '' } : { id: '1', base: '', bornAt };
    expect(chooseContainers([born], [attempt()], none).ids).toEqual([]);
  });

  it('are all left where there are more than our attempts have made', () => {
    const others = { ...scratch, id: '9' };
    expect(chooseContainers([scratch, others], [attempt()], none)).toEqual({
      ids: [],
      left: ['2 working containers: our builds have made 1 on that base'],
    });
    expect(chooseContainers([scratch, others], [attempt(), attempt()], none).ids).toEqual(['1', '9']);
  });

  it('are ours, one for each attempt, where the client was ended before it told anything and the server has died', () => {
    const silent = attempt({ unnamed: 0 });
    const late = { ...scratch, bornAt: 5_900 };
    expect(chooseContainers([late], [silent], none).ids).toEqual(['1']);
    expect(chooseContainers([late, { ...late, id: '9' }], [silent], none).ids).toEqual([]);
    expect(chooseContainers([late], [silent], all).ids).toEqual([]);
  });

  it('may be one more for each attempt whose log was cut, when all that may have made them is dead', () => {
    const cut = { ...attempt({ layers: [A.slice(0, 11)] }), logCut: true };
    // One that the layer was printed for, one of another stage, and the one more.
    const three = ['2', '3', '4'].map((id) => ({ ...onA, id }));
    expect(chooseContainers(three, [cut], none).ids).toEqual(['2', '3', '4']);
    expect(chooseContainers([...three, { ...onA, id: '5' }], [cut], none).ids).toEqual([]);
    expect(chooseContainers(three, [cut], all).ids).toEqual([]);
    expect(chooseContainers(three, [attempt({ layers: [A.slice(0, 11)] })], none).ids).toEqual([]);
  });

  it('midway in a build are ours when all that may have made them is dead, though no output told of them', () => {
    const midway = { id: '3', base: B, bornAt: 5_500, midway: true };
    expect(chooseContainers([scratch, midway], [attempt()], none)).toEqual({ ids: ['3', '1'], left: [] });
    // Never in silence: a server that lives may have leaked it.
    expect(chooseContainers([midway], [attempt()], all)).toEqual({
      ids: [],
      left: ['1 working container: a build that still runs may work in it'],
    });
    expect(chooseContainers([midway], [attempt()], () => undefined)).toEqual({
      ids: [],
      left: ['1 working container: nobody can see whether a build works in it'],
    });
    expect(chooseContainers([midway, { ...midway, id: '4' }], [attempt()], none)).toEqual({
      ids: [],
      left: ['2 working containers: our builds can have left 1 that they do not tell of'],
    });
    expect(chooseContainers([{ ...midway, bornAt: 7_001 }], [attempt()], none).ids).toEqual([]);
  });

  it('on a base that we did not make are left while a build runs that may have made them', () => {
    const ours = attempt({ layers: [A.slice(0, 11)] });
    expect(chooseContainers([scratch, onA], [ours], all)).toEqual({
      ids: ['2'],
      left: ['1 working container: a build that still runs may work in it'],
    });
  });

  it('that might be somebody else’s in the place of one of ours are left where no process can be seen', () => {
    expect(chooseContainers([scratch], [attempt(), attempt()], unseen).ids).toEqual([]);
    expect(chooseContainers([scratch], [attempt()], unseen).ids).toEqual(['1']);
  });

  it('of the legacy builder are ours by the name that it gave them, and no others are', () => {
    const ours = attempt({ containers: ['22'] });
    expect(chooseContainers([scratch, { ...onA, id: '2222' }], [ours], unseen)).toEqual({ ids: ['2222'], left: [] });
  });
});

describe('layers', () => {
  it('are ours when an attempt says that it made them, and they were made within it', () => {
    const found = [A, B, A.replace('a', 'c')].map((id) => ({ id, base: '', bornAt: 1_000 }));
    const ours = attempt({ layers: [A.slice(0, 11)], cached: [B] });
    expect(chooseLayers(found, [ours])).toEqual([A]);
    expect(chooseLayers([{ id: A, base: '', bornAt: 8_000 }], [ours])).toEqual([]);
  });
});

describe('processes', () => {
  const process = { pid: 7, bornAt: 2_000, args: ['/bin/sh', '-c', 'go build  ./...'], orphaned: true };

  it.each<[string, string, string[], boolean]>([
    ['shell form', 'RUN go build ./...', ['/bin/sh', '-c', 'go build ./...'], true],
    [
      'shell form with options',
      'RUN --mount=type=cache,target=/x --network=none go vet',
      ['/bin/sh', '-c', 'go vet'],
      true,
    ],
    ['exec form', 'RUN ["go", "build"]', ['go', 'build'], true],
    ['another command', 'RUN go vet', ['/bin/sh', '-c', 'go build'], false],
    ['another instruction', 'COPY . .', ['/bin/sh', '-c', '. .'], false],
  ])('of a step in %s', (_, lastStep, args, ours) => {
    expect(chooseProcesses([{ ...process, args }], [attempt({ lastStep })], none)).toHaveLength(ours ? 1 : 0);
  });

  it('are left when something still holds them, or they are older than the attempt', () => {
    const ours = [attempt({ lastStep: 'RUN go build ./...' })];
    expect(chooseProcesses([process], ours, all)).toEqual([process]);
    expect(chooseProcesses([{ ...process, orphaned: false }], ours, none)).toEqual([]);
    expect(chooseProcesses([{ ...process, bornAt: 900 }], ours, none)).toEqual([]);
  });

  it('that have ended are left where a build may still be about to remove their state', () => {
    const ours = [attempt({ lastStep: 'RUN go build ./...' })];
    const stopped = { ...process, pid: 0, orphaned: false, ended: true };
    expect(chooseProcesses([stopped], ours, none)).toEqual([stopped]);
    expect(chooseProcesses([stopped], ours, all)).toEqual([]);
    expect(chooseProcesses([stopped], ours, unseen)).toEqual([]);
    expect(chooseProcesses([{ ...stopped, bornAt: 900 }], ours, none)).toEqual([]);
    expect(chooseProcesses([{ ...stopped, args: ['go', 'vet'] }], ours, none)).toEqual([]);
  });
});

describe('temporary folders', () => {
  const folder = { path: '/var/tmp/libpod_builder1', kind: 'context' as const, bornAt: 2_000 };

  it('are ours when nothing that runs can have made them, one of a kind for each attempt', () => {
    const bundle = { ...folder, path: '/var/tmp/buildah1', kind: 'bundle' as const };
    expect(chooseFolders([folder, bundle], [attempt()], none)).toEqual([folder.path, bundle.path]);
    expect(chooseFolders([folder, { ...folder, path: '/2' }], [attempt()], none)).toEqual([]);
    expect(chooseFolders([folder], [attempt()], all)).toEqual([]);
    expect(chooseFolders([folder], [attempt()], unseen)).toEqual([]);
  });
});
