import { expect, it } from '@jest/globals';
import { mayBuild, mayWorkIn } from '../../src/recover/makers.js';

it.each<[string, string[], boolean]>([
  ['a build without a server', ['podman', 'build', '.'], true],
  ['a build by its path', ['/usr/bin/podman', '--log-level', 'debug', 'build', '.'], true],
  ['buildah', ['buildah', 'from', 'alpine'], true],
  ['a server', ['podman', 'system', 'service', '-t', '0', 'unix:///s'], true],
  ['a server of the same storage', ['podman', '--root', '/var/lib/x', 'system', 'service'], true],
  ['a server of another storage', ['podman', '--root', '/elsewhere', 'system', 'service'], false],
  ['one that writes its root with an equals sign', ['podman', '--root=/elsewhere', 'build'], false],
  ['a client of a server', ['podman', '--url', 'unix:///s', 'build', '.'], false],
  ['a client by its flag', ['podman', '--remote', 'build', '.'], false],
  ['the process that keeps a user namespace alive', ['podman', 'pause'], false],
  ['a container whose own argument reads like ours', ['podman', 'run', 'x', '--root', '/elsewhere'], true],
  ['something else', ['docker', 'build', '.'], false],
])('%s may work in a storage or not', (_, args, may) => {
  expect(mayWorkIn('/var/lib/x', { args, startedAt: 0, mayWriteStorage: true })).toBe(may);
});

it('a process of another user works elsewhere', () => {
  expect(mayWorkIn('/var/lib/x', { args: ['podman', 'build'], startedAt: 0, mayWriteStorage: false })).toBe(false);
});

it('a server of another storage may be building, too, and keep its folders where ours does', () => {
  const args = ['podman', '--root', '/elsewhere', 'system', 'service'];
  expect(mayBuild({ args, startedAt: 0, mayWriteStorage: true })).toBe(true);
  expect(mayBuild({ args: ['podman', '--url', 'unix:///s', 'build'], startedAt: 0, mayWriteStorage: true })).toBe(
    false,
  );
});
