import { resolve } from 'node:path';
import type { Definition } from '../document.js';
import { isMap } from '../document.js';
import { BUILDX_ONLY, contextFrom, type KeyReader, never, passedOver, pathFrom, same, setFile } from './draft.js';
import { caches, extraHosts, fieldsToText, network, shmSize, ssh, ulimits } from './engine-keys.js';

/**
 * How each key of a bake target is read (https://docs.docker.com/build/bake/reference/#target). Paths are relative to the
 * folder that bake is run in, here the workspace; bake has a prefix of its own for it.
 */
export function bakeTargetKeys(target: Definition, workspace: string): Record<string, KeyReader> {
  const plain = pathFrom('.', workspace);
  const path = (text: string) => plain(text.replace(/^cwd:\/\//, ''));
  const written = target.get('context');
  const context = path(typeof written === 'string' && written !== '' ? written : '.');
  return {
    context: (value, draft) => {
      if (typeof value !== 'string' || value === '' || value === '-') return 'a folder or a URL';
      draft.settings.set('context', context);
      return undefined;
    },
    dockerfile: (value, draft) => {
      if (typeof value !== 'string' || value === '-') return 'a path, relative to the context';
      if (value.startsWith('cwd://')) draft.settings.set('context', context).set('file', path(value));
      else if (!target.has('dockerfile-inline') && value !== '') setFile(draft, context, value);
      return undefined;
    },
    'dockerfile-inline': (value, draft) => {
      if (typeof value !== 'string' || value.trim() === '') return 'the text of a Containerfile';
      draft.settings.set('context', context);
      draft.settings.delete('file');
      draft.containerfile = value;
      return undefined;
    },
    args: pairs('build-args'),
    contexts: (value, draft) => {
      if (!isMap(value)) return 'a map of contexts';
      const contexts = [...value].filter(([, from]) => from !== '');
      const toOurs = contextFrom(path);
      const read = contexts.map(([name, from]): [string, unknown] => [
        name,
        typeof from !== 'string' ? from : from.startsWith('cwd://') ? path(from) : toOurs(from),
      ]);
      draft.settings.set('build-contexts', new Map(read));
      return undefined;
    },
    labels: pairs('labels'),
    tags: same('tags'),
    'cache-from': caches('cache-from'),
    'cache-to': caches('cache-to'),
    target: same('target'),
    secret: secrets(path),
    ssh: sshKeys((key) => resolve(workspace, key)),
    platforms: same('platforms'),
    output: outputs,
    pull: same('pull'),
    'no-cache': same('no-cache'),
    network,
    'shm-size': shmSize,
    ulimits,
    'extra-hosts': (value, draft) =>
      extraHosts(isMap(value) ? new Map([...value].filter(([, address]) => address !== null)) : value, draft),
    description: passedOver,
    call: (value) =>
      value === null || value === '' || value === 'build' ? undefined : 'build, as images are built here',
    // bake itself adds this one to a target with the network of the host; engines need no leave for it.
    entitlements: (value) =>
      Array.isArray(value) && value.every((name) => name === 'network.host') && target.get('network') === 'host'
        ? undefined
        : never(BUILDX_ONLY)(value, { settings: new Map(), extraArgs: [] }),
    attest: (value) =>
      Array.isArray(value) && value.every((item) => /(?:^|,)disabled=true(?:,|$)/.test(fieldsToText(item) ?? ''))
        ? undefined
        : 'attestations that are disabled, as they exist for docker buildx alone',
    annotations: never(BUILDX_ONLY),
    'no-cache-filter': never(BUILDX_ONLY),
    policy: never(BUILDX_ONLY),
  };
}

/** A map in which a key with null says nothing. */
function pairs(ours: 'build-args' | 'labels'): KeyReader {
  return (value, draft) => {
    if (!isMap(value)) return 'a map of texts';
    draft.settings.set(ours, new Map([...value].filter(([, item]) => item !== null)));
    return undefined;
  };
}

/** `type=file,id=x,src=y`, or `type=env,id=x,env=Y`, or the same as a map. */
function secrets(path: (path: string) => string): KeyReader {
  return (value, draft) => {
    const list = Array.isArray(value) ? value.map(fieldsToText) : [undefined];
    if (list.includes(undefined)) return 'a list of secrets such as id=npm,env=NPM_TOKEN';
    const read = list.map((text = '') => {
      // Without a source bake takes the variable of this name (https://docs.docker.com/build/bake/reference/#targetsecret).
      if (/^(?:type=env,)?id=[\w.-]+$/.test(text)) return `${text},env=${text.split('id=')[1]}`;
      return text.replace(/(^|,)(src|source)=([^,]+)/, (_, before, key, file) => `${before}${key}=${path(file)}`);
    });
    draft.settings.set('secrets', read);
    return undefined;
  };
}

/** As newer versions of bake print them, maps of an id and paths; else as everywhere. */
function sshKeys(absolute: (path: string) => string): KeyReader {
  return (value, draft) => {
    if (!Array.isArray(value) || !value.some(isMap)) return ssh(absolute)(value, draft);
    const keys = value.map((item) => {
      const paths = isMap(item) ? (item.get('paths') ?? []) : undefined;
      return Array.isArray(paths) && paths.length < 2 && isMap(item) ? [item.get('id'), ...paths].join('=') : undefined;
    });
    return keys.includes(undefined) ? 'ids with one path at most' : ssh(absolute)(keys, draft);
  };
}

/** Every image goes into the engine's own storage, and nowhere else. */
const outputs: KeyReader = (value) => {
  const isKept = (item: unknown) => /^(?:type=)?(?:docker|image)(?:,push=false)?$/.test(fieldsToText(item) ?? '');
  const isRight = Array.isArray(value) && value.every(isKept);
  return isRight ? undefined : 'type=docker or type=image, as each image goes into the engine and nowhere else';
};
