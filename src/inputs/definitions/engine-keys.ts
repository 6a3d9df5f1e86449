import { isMap } from '../document.js';
import { entries, type KeyReader, texts } from './draft.js';

// What compose and bake both have and we have no key for, but podman, docker and buildah share an argument for it.

/** The network of `RUN` steps; `default` is what an engine takes anyway. */
export const network: KeyReader = (value, draft) => {
  if (value === null || value === '' || value === 'default') return undefined;
  if (typeof value !== 'string') return 'the name of a network, such as host or none';
  draft.extraArgs.push(`--network=${value}`);
  return undefined;
};

/** `64m`, `2gb`, or bytes. */
export const shmSize: KeyReader = (value, draft) => {
  if (typeof value !== 'string' || !/^\d+(?:\.\d+)?\s*(?:[kmgt]i?b?|b)?$/i.test(value)) {
    return 'a size such as 64m, or a number of bytes';
  }
  draft.extraArgs.push(`--shm-size=${value.replace(/\s/g, '')}`);
  return undefined;
};

/** A map of names to a number or to `soft` and `hard`, or a list of `name=soft:hard`. */
export const ulimits: KeyReader = (value, draft) => {
  const limits = entries(value)?.map(([name, limit]) => {
    const text = isMap(limit) ? `${limit.get('soft')}:${limit.get('hard')}` : limit;
    return /^[a-z]+$/.test(name) && typeof text === 'string' && /^-?\d+(?::-?\d+)?$/.test(text)
      ? `${name}=${text}`
      : '';
  });
  if (limits === undefined || limits.includes('')) return 'limits such as nofile=1024:2048, or with soft and hard';
  draft.extraArgs.push(...limits.map((limit) => `--ulimit=${limit}`));
  return undefined;
};

/** A list of `host=ip` or `host:ip`, or a map of hosts to one address or several. */
export const extraHosts: KeyReader = (value, draft) => {
  const hosts = entries(value, /[=:]/)?.flatMap(([host, address]) => {
    const addresses = Array.isArray(address) ? address : [address];
    return addresses.map((one) =>
      // An IPv6 address may stand in brackets, which not every engine takes.
      /^[\w.-]+$/.test(host) && typeof one === 'string' && /^[\w.:[\]-]+$/.test(one)
        ? `${host}:${one.replace(/^\[|\]$/g, '')}`
        : '',
    );
  });
  if (hosts === undefined || hosts.includes('')) return 'hosts with their addresses, such as somehost=192.0.2.1';
  draft.extraArgs.push(...hosts.map((host) => `--add-host=${host}`));
  return undefined;
};

/** A list of `default` or `id=path`, or a map; `absolute` is told where relative paths begin. */
export function ssh(absolute: (path: string) => string): KeyReader {
  return (value, draft) => {
    const keys = entries(value)?.map(([id, path]) => {
      if (!/^\w[\w.-]*$/.test(id) || (path !== null && typeof path !== 'string')) return '';
      return path === null || path === '' ? `--ssh=${id}` : `--ssh=${id}=${absolute(path)}`;
    });
    if (keys === undefined || keys.includes(''))
      return '"default", or an id with the path of a key or an agent\'s socket';
    draft.extraArgs.push(...keys);
    return undefined;
  };
}

/** A list of `type=…,key=value`, which newer tools print as maps, and of references of images. */
export function caches(ours: 'cache-from' | 'cache-to'): KeyReader {
  return (value, draft) => {
    const list = Array.isArray(value) ? value.map(fieldsToText) : texts([value]);
    if (list === undefined || list.includes(undefined))
      return 'a list of caches such as type=registry,ref=team/api:cache';
    draft.settings.set(ours, list);
    return undefined;
  };
}

/** `type=T,a=b` of a map; a text as it is. An image in a registry is what a bare reference means, to every engine. */
export function fieldsToText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isMap(value) || [...value.values()].some((field) => typeof field !== 'string')) return undefined;
  if (value.size === 2 && value.get('type') === 'registry' && value.has('ref')) return value.get('ref') as string;
  const type = value.get('type');
  const others = [...value].filter(([key]) => key !== 'type').map(([key, field]) => `${key}=${field}`);
  return [...(type === undefined ? [] : [`type=${type}`]), ...others].join(',');
}
