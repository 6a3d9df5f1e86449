import type { WantedImage } from './cluster.js';
import { runForCluster } from './cluster.js';
import type { HandOffFailed, HandOffTools } from './hand-off.js';
import { ofProvider, type Provider } from './node-search.js';

/** Kubernetes' images are in a namespace of their own. */
const CTR = ['ctr', '--namespace=k8s.io'];
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Whether a node's containerd has the image under each of its names, by the id that the engine knows it by. A name leads to
 * a manifest's digest there. Kubernetes' part of containerd gives each image one more name, which is its id
 * (https://github.com/containerd/containerd/blob/main/docs/cri/architecture.md); it may come a moment later than the
 * others, so that where there is none the manifest itself is read.
 */
export async function nodeHas(
  { id, names }: WantedImage,
  node: string,
  provider: Provider,
  tools: HandOffTools,
): Promise<boolean | HandOffFailed> {
  const inNode = (...args: string[]) => runForCluster(tools, ofProvider(provider, 'exec', node, ...CTR, ...args));
  const listed = await inNode('images', 'list', ...[...names, id].map((name) => `name==${JSON.stringify(name)}`));
  if ('failed' in listed) return listed;
  const digests = readDigests(listed.ran.stdout);
  const found = new Set(names.map((name) => digests.get(name)));
  const byId = digests.get(id);
  for (const digest of found) {
    if (digest === undefined) return false;
    // An engine that keeps its images in a containerd of its own knows them by their manifests.
    if (digest === id || digest === byId) continue;
    const manifest = await inNode('content', 'get', digest);
    if ('failed' in manifest) return manifest;
    if (configOf(manifest.ran.stdout) !== id) return false;
  }
  return true;
}

/** By name the digest, of what `ctr images list` prints: name, type, digest and more, with a line of titles above. */
function readDigests(table: string): Map<string, string> {
  return new Map(
    table.split('\n').flatMap((line): [string, string][] => {
      const [name = '', , digest = ''] = line.split(/\s+/);
      return DIGEST.test(digest) ? [[name, digest]] : [];
    }),
  );
}

/** The digest of the image's configuration, which is what engines call its id. */
function configOf(manifest: string): unknown {
  try {
    return (JSON.parse(manifest) as { config?: { digest?: unknown } | null } | null)?.config?.digest;
  } catch {
    return undefined;
  }
}
