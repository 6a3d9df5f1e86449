import { describe, expect, it } from '@jest/globals';
import { type OrphanCandidate, orphanedGroups, parseGroupList } from '../../src/resources/orphaned-groups.js';

const SCRATCH = '/tmp/e2e-build-scratch-1';
const ENGINES = ['podman', 'docker', 'buildah'];
const one = (of: Partial<OrphanCandidate>): OrphanCandidate => ({
  pid: 7,
  group: 7,
  args: ['podman'],
  marked: false,
  ...of,
});
const groups = (...candidates: Partial<OrphanCandidate>[]) => orphanedGroups(candidates.map(one), SCRATCH, ENGINES);

describe('process groups that a killed run left', () => {
  it('are those of its builds, by the scratch folder in their arguments, each once', () => {
    const build = { args: ['podman', 'build', '--iidfile', `${SCRATCH}/1-a.1.iid`, 'ctx'] };
    expect(groups({ pid: 7, ...build }, { pid: 8, group: 7, ...build }, { pid: 9, group: 9 })).toEqual([7]);
  });

  it('are those of engine commands that it marked, and of nothing else with the mark', () => {
    expect(groups({ args: ['/usr/bin/podman', 'events'], marked: true })).toEqual([7]);
    expect(groups({ args: ['catatonit', '-P'], marked: true })).toEqual([]);
    expect(groups({ pid: 8, group: 7, args: ['podman', 'events'], marked: true })).toEqual([]);
    expect(groups({ args: ['podman', 'events'] })).toEqual([]);
  });

  it('are never those of the kernel or of init', () => {
    expect(groups({ group: 0, args: [SCRATCH] }, { group: 1, args: [SCRATCH] })).toEqual([]);
  });

  it('are read from what ps prints', () => {
    const list = `    1     1 /sbin/launchd\n  812   812 podman build --iidfile ${SCRATCH}/1.iid .\nnonsense\n`;
    expect(orphanedGroups(parseGroupList(list), SCRATCH, ENGINES)).toEqual([812]);
  });
});
