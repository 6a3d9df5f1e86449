import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { writeImage } from '../../support/workload.js';

const TOKEN = 'tok-8f3a/s3cr3t+value=that,is quite "long" enough';

let matrix: Matrix;
beforeEach(async () => {
  matrix = await openMatrix();
});
afterEach(async () => {
  await matrix.close();
});

it(`a secret reaches a build of ${engineName()}, and stands in nothing that is written`, async () => {
  const image = writeImage(matrix.workspace, 'secret', [
    'RUN --mount=type=secret,id=token cat /run/secrets/token; base64 /run/secrets/token >&2; sha256sum /run/secrets/token > /sum',
  ]);
  const run = await matrix.run([image], { secrets: `"token=${TOKEN.replaceAll('"', '""')}"` });
  if (engineName() === 'docker-legacy') {
    expect(run.log).toMatch(/image "secret": secrets: .*docker-legacy.* cannot do that/);
    expect(run.images).toEqual({});
    return;
  }
  expect(run.images).toMatchObject({ secret: { attempts: 1, verdict: 'success' } });
  const sum = createHash('sha256').update(TOKEN).digest('hex');
  expect(matrix.engine.read(image.tags[0] as string, '/sum').toString()).toContain(sum);
  const forms = [TOKEN, Buffer.from(TOKEN).toString('base64').slice(0, 24)];
  const files = readdirSync(matrix.report, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(3);
  // The runner takes these lines for itself.
  const log = run.log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
  const texts = [log.join('\n'), ...files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))];
  for (const form of forms) expect(texts.filter((text) => text.includes(form))).toEqual([]);
});
