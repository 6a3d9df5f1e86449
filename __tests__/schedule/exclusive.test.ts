import { describe, expect, it } from '@jest/globals';
import { whyExclusive } from '../../src/schedule/exclusive.js';

describe('an image builds alone', () => {
  it.each([
    ['when the user says so', { exclusive: true, incidentsInFlight: 0 }, 'exclusive: true'],
    ['when it was in flight at two incidents', { incidentsInFlight: 2 }, 'it was in flight at 2 incidents'],
    ['not for one incident', { incidentsInFlight: 1 }, undefined],
    ['not when the user forbids it', { exclusive: false, incidentsInFlight: 7 }, undefined],
  ])('%s', (_, image, why) => {
    expect(whyExclusive({ name: 'api', ...image })).toBe(why);
  });
});
