import { describe, expect, it } from '@jest/globals';
import { createProcessScan } from '../../src/resources/process-table.js';
import { createStepLooks, type RunningStep } from '../../src/resources/step-looks.js';
import { fakeProc } from '../support/fake-proc.js';

const GO = 'RUN go build';
const step = (pid: number, bornAt: number, command = 'go build'): RunningStep => ({
  pid,
  bornAt,
  args: ['/bin/sh', '-c', command],
});

function lab() {
  const clock = { at: 10_000 };
  const proc = fakeProc({
    7: { rssKib: 100, startedTicks: 1 },
    8: { parent: 7, rssKib: 50, startedTicks: 2 },
    9: { rssKib: 10, startedTicks: 3 },
  });
  const steps = createStepLooks(proc, () => clock.at);
  const scan = createProcessScan(proc);
  const grow = () => {
    const table = scan(steps.has);
    if (table !== undefined) steps.grow(table);
  };
  const findTwice = (running: RunningStep[]) => {
    steps.find(running);
    steps.find(running);
  };
  return { clock, proc, steps, grow, findTwice };
}

describe('the processes of a step that a server runs', () => {
  it('are known with their children once they are found, and the most that they held is kept to the end', () => {
    const { proc, steps, grow, findTwice } = lab();
    steps.reach('a', GO);
    expect(steps.isSearching()).toBe(true);
    findTwice([step(7, 10_100), step(9, 10_100, 'go vet'), step(0, 10_100)]);
    expect(steps.isSearching()).toBe(false);
    grow();
    expect(steps.rssBytes('a')).toBe(150 * 1024);
    proc.processes.set(8, { parent: 7, rssKib: 20, startedTicks: 2 });
    steps.reach('a', 'COPY . .');
    expect(steps.rssBytes('a')).toBeUndefined();
    expect(steps.isSearching()).toBe(false);
    expect(steps.end('a')).toBe(150 * 1024);
    expect(steps.end('a')).toBeUndefined();
  });

  it("are not somebody else's that was there before our own", () => {
    const { steps, grow, findTwice } = lab();
    steps.reach('a', GO);
    steps.find([step(9, 9_900)]);
    findTwice([step(9, 9_900), step(7, 10_400)]);
    grow();
    expect(steps.rssBytes('a')).toBeUndefined();
    findTwice([step(7, 10_400)]);
    grow();
    expect(steps.rssBytes('a')).toBe(150 * 1024);
  });

  it.each(['RUN go build', 'RUN --mount=type=cache,target=/c go build'])(
    'are not told apart where two attempts of ours run the same, such as %s',
    (other) => {
      const { clock, steps, grow, findTwice } = lab();
      steps.reach('a', GO);
      clock.at = 10_300;
      steps.reach('b', other);
      findTwice([step(7, 10_100)]);
      findTwice([step(9, 10_400), step(7, 10_100)]);
      grow();
      expect([steps.rssBytes('a'), steps.rssBytes('b')]).toEqual([undefined, undefined]);
    },
  );

  it.each<[string, RunningStep[]]>([
    ['there is one more', [step(7, 10_100), step(9, 10_100)]],
    ['it is older than the step', [step(7, 8_900)]],
    ['there is none', []],
  ])('are not guessed when %s, and not looked for for ever', (_, running) => {
    const { steps, grow } = lab();
    steps.reach('a', GO);
    for (let look = 0; look < 6; look += 1) {
      expect(steps.isSearching()).toBe(true);
      steps.find(running);
    }
    grow();
    expect(steps.isSearching()).toBe(false);
    expect(steps.end('a')).toBeUndefined();
  });

  it('are not taken twice', () => {
    const { steps, grow, findTwice } = lab();
    steps.reach('a', GO);
    findTwice([step(7, 10_100)]);
    steps.reach('b', GO);
    findTwice([step(7, 10_100), step(9, 10_200)]);
    grow();
    expect([steps.rssBytes('a'), steps.rssBytes('b')]).toEqual([150 * 1024, 10 * 1024]);
  });
});
