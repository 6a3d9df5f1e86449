import { REFUSED } from './connection-loss.js';
import { type Signature, whole } from './signature.js';

const SEEN = 'seen: kind 0.33.0 on podman 5.8.6 and docker 28.5.2 (load transcripts)';

/** What can go wrong between an engine's archive and a node's containerd, in the words of all that take part. */
export const CLUSTER_FAILURES: readonly Signature[] = [
  {
    id: 'kind-no-cluster',
    dialects: ['cluster'],
    last: whole`ERROR: (?:no nodes found for cluster ".*"|unknown node: .*)`,
    class: 'usage-error',
    means: 'the cluster, or one of its nodes, is no longer there',
    source: SEEN,
  },
  {
    id: 'node-down',
    dialects: ['cluster'],
    last: whole`Error: can only create exec sessions on running containers: container state improper|Error response from daemon: [Cc]ontainer \S+ is not running`,
    class: 'usage-error',
    whenEngineDied: 'engine-crash',
    means: 'a node does not run',
    source: SEEN,
  },
  {
    id: 'node-containerd-dead',
    dialects: ['cluster'],
    last: whole`ctr: (?:cannot access socket \S+: stat \S+: no such file or directory|(?:[^"]*: )?connection error: desc = "transport: Error while dialing: dial unix [^"]*: ${REFUSED}"|(?:[^"]*: )?error reading from server: (?:EOF|connection reset by peer))`,
    class: 'engine-crash',
    means: 'the containerd of a node is not there, or went away',
    source: 'seen: containerd 2.1.9, killed in an import, and not there (load transcripts)',
  },
  {
    id: 'node-import-torn',
    dialects: ['cluster'],
    last: whole`ctr: .*: unexpected EOF`,
    class: 'build-failed',
    whenEngineDied: 'engine-crash',
    means: 'the archive ended early on its way into a node',
    source: SEEN,
  },
  {
    id: 'node-stream-cut',
    dialects: ['cluster'],
    last: whole`(?:Error: )?(?:read|write) (?:unix|tcp) [^"]+: (?:read: connection reset by peer|write: broken pipe)`,
    class: 'build-failed',
    whenEngineDied: 'engine-crash',
    means: 'the command in a node ended, or the server did, while it was being fed',
    source: `containers/podman v5.8.2 pkg/bindings/containers/attach.go; ${SEEN}`,
  },
  {
    id: 'cluster-eof',
    dialects: ['cluster'],
    last: whole`(?:Error: )?unexpected EOF`,
    class: 'engine-crash',
    means: 'the connection to the server ended early; no registry takes part in this',
    source: 'seen: podman 4.3.1 and 5.8.6, docker 28.2.2, killed in save (load transcripts)',
  },
];
