import { describe, expect, it } from '@jest/globals';
import { readLoadTargets } from '../../src/inputs/load-targets.js';

describe('load', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['a kind cluster', 'kind:e2e', ['kind:e2e']],
    ['kind’s own default', 'kind', ['kind:kind']],
    ['minikube’s own default', 'minikube', ['minikube:minikube']],
    ['a minikube profile', 'minikube:ci', ['minikube:ci']],
    ['k3d’s own default', 'k3d', ['k3d:k3s-default']],
    ['several, by commas and lines', 'kind:a, kind:b\n  k3d:c  \n', ['kind:a', 'kind:b', 'k3d:c']],
    ['one that is named twice, once', 'kind,kind:kind', ['kind:kind']],
  ])('takes %s', (_, text, expected) => {
    const { load, problems } = readLoadTargets(text);
    expect(problems).toEqual([]);
    expect(load.map(({ tool, cluster }) => `${tool}:${cluster}`)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['an unknown tool', 'rancher:e2e'],
    ['no name after the colon', 'kind:'],
    ['a name that reads as a flag', 'kind:--all'],
    ['a name with a space', 'kind:a b'],
    ['a name that is a list for another tool', 'kind:a:b'],
    ['a name with a line of the log in it', 'kind:\u2028::error::'],
  ])('reports %s', (_, text) => {
    const { load, problems } = readLoadTargets(text);
    expect(load).toEqual([]);
    const expected = 'kind:NAME, minikube:PROFILE or k3d:NAME, or only kind, minikube or k3d';
    expect(problems).toEqual([{ where: 'load', seen: text, expected }]);
  });

  it('names the tool that was meant', () => {
    expect(readLoadTargets('knd:e2e').problems).toMatchObject([{ hint: 'did you mean "kind"?' }]);
  });

  it('reports all that is wrong at once, and keeps what is right', () => {
    const { load, problems } = readLoadTargets('x:1,kind:e2e,y');
    expect(load).toEqual([{ tool: 'kind', cluster: 'e2e' }]);
    expect(problems.map(({ seen }) => seen)).toEqual(['x:1', 'y']);
  });
});
