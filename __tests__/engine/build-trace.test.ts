import { describe, expect, it } from '@jest/globals';
import { createTraceReader } from '../../src/engine/build-trace.js';
import type { Dialect } from '../../src/journal/events.js';

function traceOf(dialect: Dialect, lines: string) {
  const reader = createTraceReader(dialect);
  for (const line of lines.split('\n')) reader.push(line);
  return reader.trace();
}

describe('the trace of a build', () => {
  it('of podman tells what it made from what it found', () => {
    const cached = '2711ce6da920f82cd18df8c2fcf91237954b5e742aba5aef526160d0c3c754fe';
    const log = `[1/2] STEP 1/3: FROM scratch AS one
[1/2] STEP 2/3: COPY rootfs/ /
--> Using cache ${cached}
--> 2711ce6da92
[1/2] STEP 3/3: RUN echo a1 > /a1
--> 4be604f9630
[2/2] STEP 1/2: FROM one\r
[2/2] STEP 2/2: RUN sleep 6
30+0 records in`;
    expect(traceOf('podman-remote', log)).toEqual({
      unnamed: 2,
      layers: ['4be604f9630'],
      cached: [cached],
      containers: [],
      lastStep: 'RUN sleep 6',
    });
  });

  it('of buildah counts its steps, as with --iidfile it does not name what it made', () => {
    expect(traceOf('buildah', 'STEP 1/3: FROM scratch\nSTEP 2/3: COPY rootfs/ /\nSTEP 3/3: RUN x')).toMatchObject({
      unnamed: 3,
      layers: [],
      lastStep: 'RUN x',
    });
  });

  it('of the legacy builder names the containers of its steps', () => {
    const log = `Step 1/4 : FROM alpine
 ---> 05455a08881e
Step 2/4 : COPY . /
 ---> Using cache
 ---> 111111111111
Step 3/4 : RUN echo 1
 ---> Running in 222222222222
Removing intermediate container 222222222222
 ---> 333333333333
Step 4/4 : RUN sleep 9
 ---> Running in 444444444444`;
    expect(traceOf('docker-legacy', log)).toEqual({
      unnamed: 0,
      layers: ['333333333333'],
      cached: ['05455a08881e', '111111111111'],
      containers: ['222222222222', '444444444444'],
      lastStep: 'RUN sleep 9',
    });
  });

  it('of BuildKit is empty: it keeps its own cache in order', () => {
    expect(traceOf('buildkit', '#5 [2/3] RUN x\n--> 4be604f9630')).toMatchObject({ layers: [], unnamed: 0 });
  });
});
