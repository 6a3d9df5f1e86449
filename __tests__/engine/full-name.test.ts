import { describe, expect, it } from '@jest/globals';
import { fullName } from '../../src/engine/full-name.js';

describe('the full name of a tag', () => {
  it.each<[string, string, string]>([
    ['api', 'localhost/api:latest', 'docker.io/library/api:latest'],
    ['api:e2e', 'localhost/api:e2e', 'docker.io/library/api:e2e'],
    ['team/api:e2e', 'localhost/team/api:e2e', 'docker.io/team/api:e2e'],
    ['localhost/api:e2e', 'localhost/api:e2e', 'localhost/api:e2e'],
    ['localhost:5000/api', 'localhost:5000/api:latest', 'localhost:5000/api:latest'],
    ['quay.io/team/api:1', 'quay.io/team/api:1', 'quay.io/team/api:1'],
    ['docker.io/library/api', 'docker.io/library/api:latest', 'docker.io/library/api:latest'],
  ])('%s is %s with podman and %s with docker', (tag, podman, docker) => {
    expect(fullName(tag, 'localhost')).toBe(podman);
    expect(fullName(tag, 'docker.io')).toBe(docker);
  });
});
