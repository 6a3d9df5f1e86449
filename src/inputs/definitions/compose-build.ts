import { resolve } from 'node:path';
import type { Definition } from '../document.js';
import { isMap } from '../document.js';
import {
  BUILDX_ONLY,
  contextFrom,
  entries,
  type KeyReader,
  never,
  passedOver,
  pathFrom,
  same,
  setFile,
  texts,
} from './draft.js';
import { caches, extraHosts, network, shmSize, ssh, ulimits } from './engine-keys.js';

/** How each key of `build` is read (https://docs.docker.com/reference/compose-file/build/). */
export function composeBuildKeys(
  build: Definition,
  { folder, workspace, secrets }: { folder: string; workspace: string; secrets: Definition },
): Record<string, KeyReader> {
  const path = pathFrom(folder, workspace);
  const written = build.get('context');
  const context = path(typeof written === 'string' && written !== '' ? written : '.');
  const extensions = [...build.keys()].filter((key) => key.startsWith('x-'));
  return {
    ...Object.fromEntries(extensions.map((key) => [key, passedOver])),
    context: (value, draft) => {
      if (typeof value !== 'string' || value === '') return 'a folder or a URL';
      if (value.startsWith('~')) return 'a path without "~"';
      draft.settings.set('context', context);
      return undefined;
    },
    dockerfile: (value, draft) => {
      if (typeof value !== 'string' || value === '') return 'a path, relative to the context';
      setFile(draft, context, value);
      return undefined;
    },
    dockerfile_inline: (value, draft) => {
      if (typeof value !== 'string' || value.trim() === '') return 'the text of a Containerfile';
      if (build.has('dockerfile')) return 'not both, dockerfile and dockerfile_inline';
      draft.settings.set('context', context);
      draft.containerfile = value;
      return undefined;
    },
    args: same('build-args'),
    additional_contexts: (value, draft) => {
      const contexts = entries(value)?.map(([name, from]): [string, unknown] => {
        const service = typeof from === 'string' ? /^service:(.*)$/s.exec(from)?.[1] : undefined;
        if (service !== undefined) return [name, `target:${service}`];
        return [name, typeof from === 'string' ? contextFrom(path)(from) : from];
      });
      if (contexts === undefined) return 'a map, or a list of NAME=CONTEXT';
      draft.settings.set('build-contexts', new Map(contexts));
      return undefined;
    },
    cache_from: caches('cache-from'),
    cache_to: caches('cache-to'),
    extra_hosts: extraHosts,
    labels: (value, draft) => {
      const labels = entries(value)?.map(([key, label]): [string, unknown] => [key, label ?? '']);
      if (labels === undefined) return 'a map, or a list of KEY=VALUE';
      draft.settings.set('labels', new Map(labels));
      return undefined;
    },
    network,
    no_cache: same('no-cache'),
    platforms: same('platforms'),
    pull: same('pull'),
    secrets: composeSecrets(secrets, path),
    shm_size: shmSize,
    ssh: ssh((key) => resolve(workspace, folder, key)),
    tags: same('tags'),
    target: same('target'),
    ulimits,
    entitlements: never(BUILDX_ONLY),
    isolation: (value) =>
      value === null || value === '' || value === 'default' ? undefined : 'default, as engines differ in all others',
    no_cache_filter: never(BUILDX_ONLY),
    privileged: never('false, as no engine builds privileged images by an argument'),
    provenance: never(BUILDX_ONLY),
    sbom: never(BUILDX_ONLY),
  };
}

/** Secrets that the file's own `secrets` give a source; an external one is one of the action's inputs. */
function composeSecrets(sources: Definition, path: (path: string) => string): KeyReader {
  return (value, draft) => {
    if (value !== null && !Array.isArray(value)) return 'a list of secrets';
    const ids: string[] = [];
    for (const item of value ?? []) {
      const fields: Definition = isMap(item) ? item : new Map([['source', item]]);
      const name = fields.get('source');
      if (texts([name]) === undefined) return 'a list of names, or of maps with source and target';
      const unhonoured = [...fields.keys()].find((key) => key !== 'source' && key !== 'target');
      if (unhonoured !== undefined) return `source and target only, as no engine can be told ${unhonoured}`;
      const source = sources.get(name as string);
      const id = fields.get('target') ?? name;
      if (!isMap(source)) return `secrets that the file defines under secrets, as it does not ${name}`;
      const file = source.get('file');
      const variable = source.get('environment');
      if (typeof file === 'string') ids.push(`id=${id},src=${path(file)}`);
      else if (typeof variable === 'string') ids.push(`id=${id},env=${variable}`);
      else if (source.get('external') !== undefined) ids.push(String(id));
      else return `secrets with file, environment or external, as ${name} has none of them`;
    }
    draft.settings.set('secrets', ids);
    return undefined;
  };
}
