import { buildxBuild, docker } from './docker.js';
import type { Answer, Command, Engine, EngineRequest } from './engine.js';
import { isList, readDigest } from './manifest-list.js';
import { field, readJson } from './server.js';

/** Asks docker how it stores images, and buildx by which driver it builds. */
export function platformQuestions(request: EngineRequest): { store: Command; builder: Command } {
  return {
    store: docker(request, ['info', '--format', '{{json .DriverStatus}}']),
    builder: docker(request, ['buildx', 'inspect', ...(request.builder === undefined ? [] : [request.builder])]),
  };
}

/**
 * The engine as it can build for several platforms at once. Docker keeps lists of images only in containerd's store
 * (https://docs.docker.com/build/building/multi-platform/); without that, a builder of another driver than docker's own can
 * push a list as it builds it, and nothing can load one.
 */
export function forPlatforms(
  engine: Engine,
  request: EngineRequest,
  { store, builder }: { store: Answer; builder: Answer },
): Engine {
  // An answer that is none settles nothing: then the build itself says what is wrong.
  if (store.code !== 0 || /io\.containerd\.snapshotter/.test(store.stdout)) return engine;
  const driver = /^Driver:\s+(\S+)/m.exec(builder.stdout)?.[1];
  if (builder.code !== 0 || driver === undefined) return engine;
  const pushes = driver !== 'docker';
  const hint = pushes
    ? `push it (push: true), or turn on docker's containerd image store: the builder's driver ${driver} cannot load several platforms into the classic one`
    : "turn on docker's containerd image store, or name a builder of the driver docker-container and push the image (push: true)";
  return {
    ...engine,
    build: (image, iidfile, reuse) =>
      isList(image) ? buildxBuild(request, image, iidfile, reuse, '--push') : engine.build(image, iidfile, reuse),
    // Its build has pushed it, and docker does not have it: the registry is asked.
    list: (image) => (isList(image) ? { show: inspectTag(request, image.tags[0] as string) } : undefined),
    push: (image, tag) =>
      isList(image)
        ? {
            command: () => inspectTag(request, tag),
            readDigest: (stdout) => readDigest(field(readJson(stdout), 'digest')),
          }
        : engine.push(image, tag),
    unsupported: (image) => [
      ...engine.unsupported(image),
      ...(isList(image) && !(pushes && image.push) ? [{ key: 'platforms (more than one)', hint }] : []),
    ],
  };
}

/** Shows the list that a registry has, with its digest, by the login of the client. */
function inspectTag(request: EngineRequest, tag: string): Command {
  return docker(request, ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', tag]);
}
