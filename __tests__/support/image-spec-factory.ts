import type { ImageSpec } from '../../src/plan/image-spec.js';

/** An image with nothing set but what a test says. */
export function imageSpec(values: Partial<ImageSpec> = {}): ImageSpec {
  return {
    name: 'api',
    context: '/ws/api',
    file: '/ws/api/Containerfile',
    tags: ['api:e2e'],
    buildArgs: {},
    buildContexts: {},
    labels: {},
    secrets: {},
    platforms: [],
    cacheFrom: [],
    cacheTo: [],
    noCache: false,
    pull: false,
    push: false,
    extraArgs: [],
    needs: [],
    timeoutMs: 900_000,
    ...values,
  };
}
