import type { EngineFacts } from '../journal/events.js';
import { addressVariable, type FindCluster, runForCluster, type WantedImage } from './cluster.js';

/** A minikube profile. It loads into all nodes of the profile alike, and lists the images of all of them as one. */
export function minikubeCluster(profile: string, { name, address }: EngineFacts): FindCluster {
  const env = name === 'buildah' ? {} : addressVariable(name, address);
  const minikube = (...args: string[]) => ({ file: 'minikube', args: [...args, '--profile', profile], env });
  return async () => ({
    nodes: [profile],
    async lacking(image, tools) {
      const listed = await runForCluster(tools, minikube('image', 'ls', '--format', 'json'));
      if ('failed' in listed) return listed;
      return hasImage(listed.ran.stdout, image) ? [] : [profile];
    },
    load: (archive) => minikube('image', 'load', archive),
  });
}

/** Reads a list of `{id, repoTags}`, with ids of plain digits. */
function hasImage(stdout: string, { id, names }: WantedImage): boolean {
  const found = readList(stdout).filter(
    (one) => typeof one?.id === 'string' && id === `sha256:${one.id.replace(/^sha256:/, '')}`,
  );
  const tags = found.flatMap((one) => (Array.isArray(one?.repoTags) ? one.repoTags : []));
  return names.every((name) => tags.includes(name));
}

function readList(stdout: string): ({ id?: unknown; repoTags?: unknown } | null)[] {
  try {
    const list: unknown = JSON.parse(stdout);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
