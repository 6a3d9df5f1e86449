import { describe, expect, it } from '@jest/globals';
import { detectEngine } from '../../src/engine/detection.js';
import type { Answer, EngineRequest, Question } from '../../src/engine/engine.js';

const MISSING: Answer = { stdout: '', stderr: '', failure: 'it is not installed' };
const DOCKER_DOWN: Answer = {
  code: 1,
  stdout: '',
  stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
};
const yes = (stdout: string): Answer => ({ code: 0, stdout, stderr: '' });
const LIBPOD: Answer = { ...yes('OK'), server: 'Libpod/4.3.1 (linux)' };
const DOCKERD: Answer = { ...yes('OK'), server: 'Docker/28.5.2 (linux)' };
const PODMAN = yes('{"Client":{"Version":"4.3.1"}}');

/** A machine where these commands answer so; what it was asked is kept. */
function machine(answers: Record<string, Answer>, environment: Record<string, string> = {}) {
  const asked: string[] = [];
  const waits: number[] = [];
  const answer = async (question: Question) => {
    const line = 'path' in question ? `GET ${JSON.stringify(question)}` : [question.file, ...question.args].join(' ');
    asked.push(line);
    return Object.entries(answers).find(([key]) => line.startsWith(key))?.[1] ?? MISSING;
  };
  return {
    asked,

    waits,
    probing: {
      askServer: answer,
      askClient: answer,
      environment,
      sleep: async (ms: number) => {
        waits.push(ms);
      },
    },
  };
}

const detect = (request: Partial<EngineRequest>, at: ReturnType<typeof machine>) =>
  detectEngine({ engine: 'auto', ...request }, at.probing);

describe('finding the engine', () => {
  it.each<[string, Partial<EngineRequest>, Record<string, Answer>, string]>([
    ['podman is asked first', {}, { podman: PODMAN, 'docker version': yes('28') }, 'podman'],
    ['docker when podman is missing', {}, { 'docker version': yes('28'), 'docker buildx': yes('') }, 'buildkit'],
    ['docker without buildx is the legacy builder', {}, { 'docker version': yes('20.10') }, 'docker-legacy'],
    [
      'buildah when docker is down',
      {},
      { 'docker version': DOCKER_DOWN, buildah: yes('buildah version 1.28.2 (x)') },
      'buildah',
    ],
    [
      'docker when it is asked for',
      { engine: 'docker' },
      { podman: PODMAN, 'docker version': yes('28'), 'docker buildx': yes('') },
      'buildkit',
    ],
    [
      'a builder means docker',
      { builder: 'ci' },
      { podman: PODMAN, 'docker version': yes('28'), 'docker buildx': yes('') },
      'buildkit',
    ],
    [
      'an address goes to podman first',
      { engineUrl: 'unix:///p' },
      { GET: LIBPOD, 'podman --version': yes('') },
      'podman-remote',
    ],
    [
      'an address goes to whom it answers as',
      { engineUrl: 'unix:///d' },
      { GET: DOCKERD, 'podman --version': yes(''), 'docker --version': yes('') },
      'docker-legacy',
    ],
    [
      'tcp is asked by its API too',
      { engineUrl: 'tcp://[::1]:2375' },
      { GET: LIBPOD, 'podman --version': yes('') },
      'podman-remote',
    ],
    [
      'an ssh address is left to the client',
      { engineUrl: 'ssh://core@vm' },
      { 'podman --url ssh://core@vm': yes('{"Client":{"Version":"4"},"Server":{"Version":"4"}}') },
      'podman-remote',
    ],
  ])('%s', async (_name, request, answers, dialect) => {
    expect((await detect(request, machine(answers))).facts.dialect).toBe(dialect);
  });

  it('says why it took an engine, and what the others said', async () => {
    const engine = await detect({}, machine({ 'docker version': yes('28'), 'docker buildx': yes('') }));
    expect(engine.facts.why).toBe('the first that answers (podman: it is not installed)');
  });

  it('takes the address from CONTAINER_HOST and DOCKER_HOST as the clients do', async () => {
    const podman = machine({ GET: LIBPOD, 'podman --version': yes('') }, { CONTAINER_HOST: 'unix:///c' });
    expect((await detect({ engine: 'podman' }, podman)).facts).toMatchObject({ served: true, version: '4.3.1' });
    const docker = machine({ GET: DOCKERD, 'docker --version': yes('') }, { DOCKER_HOST: 'unix:///d' });
    expect((await detect({ engine: 'docker' }, docker)).facts).toMatchObject({ version: '28.5.2' });
    expect([...podman.asked, ...docker.asked].filter((line) => line.includes('/_ping'))).toHaveLength(2);
  });

  it('refuses an address where something else answers', async () => {
    const at = machine({ GET: DOCKERD, 'podman --version': yes('') });
    await expect(detect({ engine: 'podman', engineUrl: 'unix:///d' }, at)).rejects.toThrow(
      /podman: docker answers there, not podman/,
    );
  });

  it('leaves docker behind TLS to the client', async () => {
    const at = machine({ 'docker --host': yes('28') }, { DOCKER_TLS_VERIFY: '1' });
    expect((await detect({ engine: 'docker', engineUrl: 'tcp://h:2376' }, at)).facts.version).toBe('28');
  });

  it('takes the legacy builder when the user says DOCKER_BUILDKIT=0', async () => {
    const at = machine({ 'docker version': yes('28'), 'docker buildx': yes('') }, { DOCKER_BUILDKIT: '0' });
    expect((await detect({ engine: 'docker' }, at)).facts.dialect).toBe('docker-legacy');
  });

  it('names all that was tried, and what each said, when none answers', async () => {
    await expect(detect({}, machine({ 'docker version': DOCKER_DOWN }))).rejects.toThrow(
      /No engine answers\. Tried:\n {2}podman: it is not installed\n {2}docker: Cannot connect to the Docker daemon.*\n {2}buildah: it is not installed\nInstall/,
    );
  });

  it('waits a few seconds for a server that is just restarting, and not at all for what is not installed', async () => {
    const answers: Record<string, Answer> = { 'docker version': DOCKER_DOWN };
    const at = machine(answers);
    const found = detect({ engine: 'docker' }, at);
    answers['docker version'] = yes('28');
    expect((await found).facts.name).toBe('docker');
    const never = machine({});
    await expect(detect({}, never)).rejects.toThrow(/No engine answers/);
    expect(never.waits).toEqual([]);
  });

  it('names the engine that was asked for, and asks no other', async () => {
    const at = machine({ podman: PODMAN });
    await expect(detect({ engine: 'buildah' }, at)).rejects.toThrow(/The engine buildah does not answer/);
    expect(at.asked.every((line) => line.startsWith('buildah'))).toBe(true);
  });

  it('does not take a builder for granted', async () => {
    await expect(detect({ builder: 'ci' }, machine({ 'docker version': yes('20.10') }))).rejects.toThrow(
      /buildx plugin is not installed/,
    );
  });
});
