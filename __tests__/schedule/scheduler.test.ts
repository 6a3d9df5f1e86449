import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createScheduler, type Door, type Gate } from '../../src/schedule/scheduler.js';

const OPEN: Gate = { isOpen: () => true, opened: async () => true, passed: () => {} };

/** A gate that the test opens and shuts. */
function testGate() {
  let open = true;
  let waiting: ((go: boolean) => void)[] = [];
  const release = (go: boolean) => {
    for (const resolve of waiting) resolve(go);
    waiting = [];
  };
  const gate: Gate = {
    isOpen: () => open,
    passed: () => {},
    opened: () => (open ? Promise.resolve(true) : new Promise((resolve) => waiting.push(resolve))),
  };
  return {
    gate,
    shut: () => {
      open = false;
    },
    open: () => {
      open = true;
      release(true);
    },
    giveUp: () => release(false),
  };
}

/** Tasks that end when the test says so; counts how many run at once. */
function testTasks() {
  const running = new Map<string, () => void>();
  const order: string[] = [];
  return {
    running,
    order,
    task: (name: string) => () =>
      new Promise<string>((resolve) => {
        order.push(name);
        running.set(name, () => {
          running.delete(name);
          resolve(name);
        });
      }),
    end: async (name: string) => {
      running.get(name)?.();
      await settle();
    },
  };
}

/** Lets everything that is ready to run do so. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('the scheduler', () => {
  it('begins the lowest rank first among those that wait', async () => {
    const tasks = testTasks();
    const scheduler = createScheduler(1, OPEN);
    for (const [rank, name] of [
      [5, 'now'],
      [3, 'third'],
      [1, 'first'],
      [2, 'second'],
    ] as const) {
      void scheduler.run({ rank: () => rank, run: tasks.task(name) });
      if (name === 'now') await settle();
    }
    for (const name of ['now', 'first', 'second', 'third']) await tasks.end(name);
    expect(tasks.order).toEqual(['now', 'first', 'second', 'third']);
  });

  it('begins nothing while the gate is shut, and obeys a lane that was narrowed meanwhile', async () => {
    const tasks = testTasks();
    const door = testGate();
    const scheduler = createScheduler(3, door.gate);
    for (const name of ['a', 'b', 'c', 'd', 'e']) void scheduler.run({ rank: () => 0, run: tasks.task(name) });
    await settle();
    door.shut();
    scheduler.setLimit(1);
    for (const name of ['a', 'b', 'c']) await tasks.end(name);
    expect([...tasks.running.keys()]).toEqual([]);
    door.open();
    await settle();
    expect([...tasks.running.keys()]).toEqual(['d']);
    await tasks.end('d');
    expect([...tasks.running.keys()]).toEqual(['e']);
  });

  it('passes over a task that may not start yet, and begins it when it is woken', async () => {
    const tasks = testTasks();
    const scheduler = createScheduler(2, OPEN);
    let free = false;
    void scheduler.run({ rank: () => 0, mayStart: () => free, run: tasks.task('heavy') });
    void scheduler.run({ rank: () => 1, mayStart: (running) => running === 0, run: tasks.task('alone') });
    void scheduler.run({ rank: () => 2, run: tasks.task('light') });
    await settle();
    expect(tasks.order).toEqual(['alone', 'light']);
    await tasks.end('light');
    expect([...tasks.running.keys()]).toEqual(['alone']);
    free = true;
    scheduler.wake();
    await settle();
    expect([...tasks.running.keys()]).toEqual(['alone', 'heavy']);
  });

  it('begins a task that may not run beside others when the last of them ends', async () => {
    const tasks = testTasks();
    const scheduler = createScheduler(3, OPEN);
    for (const name of ['a', 'b']) void scheduler.run({ rank: () => 0, run: tasks.task(name) });
    await settle();
    void scheduler.run({ rank: () => 1, mayStart: (running) => running === 0, run: tasks.task('alone') });
    await tasks.end('a');
    expect([...tasks.running.keys()]).toEqual(['b']);
    await tasks.end('b');
    expect([...tasks.running.keys()]).toEqual(['alone']);
  });

  it('begins a task that must be alone when nothing runs, and nothing beside it', async () => {
    const tasks = testTasks();
    const scheduler = createScheduler(3, OPEN);
    for (const [rank, name] of ['heavy', 'a', 'b', 'heavier'].entries()) {
      void scheduler.run({ rank: () => rank, alone: () => name.startsWith('heav'), run: tasks.task(name) });
    }
    await settle();
    expect([...tasks.running.keys()]).toEqual(['heavy']);
    await tasks.end('heavy');
    expect([...tasks.running.keys()]).toEqual(['a', 'b']);
    await tasks.end('a');
    expect([...tasks.running.keys()]).toEqual(['b']);
    await tasks.end('b');
    expect([...tasks.running.keys()]).toEqual(['heavier']);
  });

  it('asks each task for its rank when a place is free', async () => {
    const tasks = testTasks();
    const scheduler = createScheduler(1, OPEN);
    const ranks: Record<string, number> = { first: 0, a: 1, b: 2 };
    for (const name of Object.keys(ranks)) {
      void scheduler.run({ rank: () => ranks[name] as number, run: tasks.task(name) });
    }
    await settle();
    ranks['b'] = 0;
    await tasks.end('first');
    expect([...tasks.running.keys()]).toEqual(['b']);
  });

  it('begins no more than the door lets in, and passes it as often as it leaves', async () => {
    const tasks = testTasks();
    let free = 1;
    const door: Door = {
      enter: () => {
        if (free === 0) return false;
        free -= 1;
        return true;
      },
      leave: () => {
        free += 1;
      },
    };
    const scheduler = createScheduler(3, OPEN, door);
    for (const name of ['a', 'b', 'c']) void scheduler.run({ rank: () => 0, run: tasks.task(name) });
    await settle();
    expect([...tasks.running.keys()]).toEqual(['a']);
    free += 1;
    scheduler.wake();
    await settle();
    expect([...tasks.running.keys()]).toEqual(['a', 'b']);
    for (const name of ['a', 'b', 'c']) await tasks.end(name);
    expect([tasks.order, free]).toEqual([['a', 'b', 'c'], 2]);
  });

  it('begins others while the door lets in none that must be alone, and that one when it does', async () => {
    const tasks = testTasks();
    let othersBuild = true;
    const door: Door = { enter: (alone) => !(alone && othersBuild), leave: () => {} };
    const scheduler = createScheduler(2, OPEN, door);
    void scheduler.run({ rank: () => 0, alone: () => true, run: tasks.task('heavy') });
    void scheduler.run({ rank: () => 1, run: tasks.task('light') });
    await settle();
    expect([...tasks.running.keys()]).toEqual(['light']);
    await tasks.end('light');
    expect([...tasks.running.keys()]).toEqual([]);
    othersBuild = false;
    scheduler.wake();
    await settle();
    expect([...tasks.running.keys()]).toEqual(['heavy']);
    await tasks.end('heavy');
  });

  it('tells those that wait when the engine is given up', async () => {
    const door = testGate();
    door.shut();
    const turn = createScheduler(1, door.gate).run({ rank: () => 0, run: async () => 'never' });
    door.giveUp();
    expect(await turn).toEqual({ notStarted: 'engine-gone' });
  });

  it('tells those that wait when the run is stopped, and lets running ones end', async () => {
    const tasks = testTasks();
    const scheduler = createScheduler(1, OPEN);
    const first = scheduler.run({ rank: () => 0, run: tasks.task('first') });
    const second = scheduler.run({ rank: () => 1, run: tasks.task('second') });
    await settle();
    scheduler.stop();
    await tasks.end('first');
    expect(await first).toEqual({ ran: 'first' });
    expect(await second).toEqual({ notStarted: 'stopped' });
  });

  it('passes a task that throws on to its caller and frees its place', async () => {
    const scheduler = createScheduler(1, OPEN);
    await expect(scheduler.run({ rank: () => 0, run: () => Promise.reject(new Error('a bug')) })).rejects.toThrow(
      'a bug',
    );
    expect(await scheduler.run({ rank: () => 0, run: async () => 'next' })).toEqual({ ran: 'next' });
  });

  it('never runs more than the lane allows and ends every task exactly once, whatever shuts, narrows and ends', async () => {
    const move = fc.oneof(
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(7) }),
      fc.record({ kind: fc.constant('narrow' as const), limit: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constantFrom('shut' as const, 'open' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(move, { maxLength: 40 }),
        async (lane, count, moves) => {
          const tasks = testTasks();
          const door = testGate();
          const scheduler = createScheduler(lane, door.gate);
          let limit = lane;
          const ended: string[] = [];
          const all = Array.from({ length: count }, (_, index) =>
            scheduler
              .run({ rank: () => index, run: tasks.task(`t${index}`) })
              .then((turn) => ended.push('ran' in turn ? turn.ran : 'lost')),
          );
          await settle();
          for (const step of moves) {
            const begun = tasks.order.length;
            if (step.kind === 'narrow') {
              limit = Math.min(limit, step.limit);
              scheduler.setLimit(limit);
            } else if (step.kind === 'shut') door.shut();
            else if (step.kind === 'open') door.open();
            else if (step.kind === 'end')
              await tasks.end([...tasks.running.keys()][step.which % Math.max(1, tasks.running.size)] ?? '');
            await settle();
            // A narrowed lane drains: what runs may be above it, but nothing new begins until it is below.
            if (tasks.order.length > begun) expect(tasks.running.size).toBeLessThanOrEqual(limit);
            if (!door.gate.isOpen()) expect(tasks.order.length).toBe(begun);
          }
          door.open();
          await settle();
          for (let guard = 0; guard < 100 && tasks.running.size > 0; guard += 1) {
            expect(tasks.running.size).toBeLessThanOrEqual(lane);
            await tasks.end([...tasks.running.keys()][0] as string);
          }
          await Promise.all(all);
          expect([...ended].sort()).toEqual(Array.from({ length: count }, (_, index) => `t${index}`).sort());
          expect(new Set(tasks.order).size).toBe(tasks.order.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
