import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from '../../support/command.js';
import { type KindNode, type KindNodeOptions, kindEnv, startKindNode } from '../../support/kind-node.js';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { clientWords } from '../../support/private-engines.js';
import { writeImage } from '../../support/workload.js';

let matrix: Matrix;
let nodes: KindNode[];
beforeEach(async () => {
  matrix = await openMatrix();
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await matrix.close();
});

async function startNode(cluster: string, options?: KindNodeOptions): Promise<KindNode> {
  const node = await startKindNode(matrix.engine, cluster, options);
  nodes.push(node);
  return node;
}

/** An image of the engine's own, saved; returns the archive's path. */
async function archive(name: string): Promise<string> {
  const { engine, workspace } = matrix;
  const context = join(workspace, writeImage(workspace, name, []).context);
  const path = join(workspace, `${name}.tar`);
  const tag = `localhost/${name}:e2e`;
  for (const words of [
    ['build', '--tag', tag, '--file', join(context, 'Containerfile'), context],
    ['save', '--output', path, tag],
  ])
    expect(await runCommand([...clientWords(engine), ...words], engine.env)).toMatchObject({ exit: 0 });
  return path;
}

function load(path: string, cluster: string) {
  return runCommand(['kind', 'load', 'image-archive', path, '--name', cluster], kindEnv(matrix.engine));
}

describe(`the real kind, on ${engineName()},`, () => {
  it('loads an archive into every node of a cluster, and into no other cluster', async () => {
    const first = await startNode('e2e');
    const worker = await startNode('e2e', { role: 'worker' });
    const other = await startNode('other');
    expect(await load(await archive('loaded'), 'e2e')).toMatchObject({ exit: 0 });
    for (const node of [first, worker]) {
      expect(await node.images()).toContainEqual({
        name: 'localhost/loaded:e2e',
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      });
    }
    expect(await other.images()).toEqual([]);
  });

  it('finds no node once it is closed', async () => {
    const node = await startNode('e2e');
    const path = await archive('late');
    await node.close();
    expect(await load(path, 'e2e')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('ERROR: no nodes found for cluster "e2e"'),
    });
  });
});
