// An executable that answers as podman does, at once: what is measured against it is our own cost.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const ID = 'ab'.repeat(32);

/**
 * Answers on a unix socket as podman's API does: the ping, and any image.
 * @param {string} socket
 * @returns {Promise<() => Promise<void>>} stops it
 */
export async function startStubServer(socket) {
  const server = createServer((request, response) => {
    response.setHeader('Server', 'Libpod/0.0.0 (linux)');
    response.end(request.url === '/_ping' ? 'OK' : JSON.stringify({ Id: `sha256:${ID}`, Size: 1000 }));
  });
  await new Promise((resolve) => server.listen(socket, () => resolve(undefined)));
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/**
 * Writes the stub as `podman` into a folder, which goes to the front of PATH. Shell builtins only, so that a call costs
 * one process; `notes` gets a line with the time (ns) whenever a build is begun.
 * @param {string} folder
 * @param {string} [notes]
 */
export function writeStubEngine(folder, notes) {
  mkdirSync(folder, { recursive: true });
  const note = notes === undefined ? '' : `date +%s%N >> '${notes}'`;
  writeFileSync(
    join(folder, 'podman'),
    `#!/bin/sh
case "$*" in
  *version*) echo podman version 0.0.0 ;;
  *info*) echo / ;;
  *build*)
    ${note}
    while [ $# -gt 0 ]; do
      if [ "$1" = --iidfile ]; then echo sha256:${ID} > "$2"; fi
      shift
    done ;;
esac
`,
  );
  chmodSync(join(folder, 'podman'), 0o755);
}

/**
 * Writes a `podman` that notes the time (ns) of each build and then becomes the real one.
 * @param {string} folder
 * @param {string} notes
 * @param {string} real path of the real podman
 */
export function writeNotingEngine(folder, notes, real) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'podman'),
    `#!/bin/sh
case " $* " in *" build "*) date +%s%N >> '${notes}' ;; esac
exec '${real}' "$@"
`,
  );
  chmodSync(join(folder, 'podman'), 0o755);
}
