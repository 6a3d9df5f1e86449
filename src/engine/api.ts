/** Where an engine's HTTP API listens. */
export type ApiAddress = { socketPath: string } | { host: string; port: number };

/** A GET request to an engine's HTTP API. */
export interface ApiRequest {
  address: ApiAddress;
  path: string;
}

/**
 * The API behind an address that the user gave, where plain HTTP reaches it: a unix socket, or tcp without TLS. Asking
 * it takes milliseconds, where a client takes tenths of a second to start; ssh and the rest are left to the client.
 */
export function apiAddress(
  url: string | undefined,
  environment: Record<string, string | undefined>,
): ApiAddress | undefined {
  if (url === undefined) return undefined;
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  const tcp = /^tcp:\/\/([^:/[\]]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(url);
  if (tcp === null || environment['DOCKER_TLS_VERIFY'] || environment['DOCKER_TLS']) return undefined;
  return { host: (tcp[1] as string).replace(/^\[|\]$/g, ''), port: Number(tcp[2]) };
}

/** Answers at once and touches no storage, in docker and in podman (https://docs.docker.com/reference/api/engine/). */
export function pingRequest(address: ApiAddress): ApiRequest {
  return { address, path: '/_ping' };
}

/** The engine's events as they happen; the stream ends when the engine does. */
export function eventsRequest(address: ApiAddress): ApiRequest {
  return { address, path: '/events?stream=true' };
}

/** An image, by the API that podman shares with docker; without a version in its path every server takes it. */
export function imageRequest(address: ApiAddress, id: string): ApiRequest {
  return { address, path: `/images/${encodeURIComponent(id)}/json` };
}

/** What answers at the address, by the `Server` header of its ping: `Libpod/4.3.1 (linux)`, `Docker/28.5.2 (linux)`. */
export function readServer(header: string | undefined): { name: 'podman' | 'docker'; version: string } | undefined {
  const [, name, version] = /^(Libpod|Docker)\/(\S+)/.exec(header ?? '') ?? [];
  if (version === undefined) return undefined;
  return { name: name === 'Libpod' ? 'podman' : 'docker', version };
}

/** Reads the `Id` and `Size` of an image as the API shows it; undefined when it is something else. */
export function readImage(body: string): { id: string; sizeBytes?: number } | undefined {
  try {
    const { Id: id, Size: size } = JSON.parse(body) as { Id?: unknown; Size?: unknown };
    if (typeof id !== 'string' || !/^(sha256:)?[0-9a-f]{64}$/.test(id)) return undefined;
    return {
      id: id.startsWith('sha256:') ? id : `sha256:${id}`,
      ...(typeof size === 'number' ? { sizeBytes: size } : {}),
    };
  } catch {
    return undefined;
  }
}
