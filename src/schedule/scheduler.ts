import pLimit from 'p-limit';

/** The gate that every attempt passes: shut while an incident is open. */
export interface Gate {
  isOpen(): boolean;
  /** Resolves when attempts may start: true, or false when the engine is given up. */
  opened(): Promise<boolean>;
  /** Is told that a task begins. */
  passed(): void;
}

/** Why a task was never begun. */
export type NotStarted = 'engine-gone' | 'stopped';

/** What a task passes after its place in the lane: other runs may share the engine. */
export interface Door {
  /**
   * Lets one more task in, `alone` if other runs may do nothing beside it, or says that there is no room yet; then `wake`
   * is called when there may be.
   */
  enter(alone: boolean): boolean;
  leave(): void;
}

/** Lets everybody in. */
export const NO_DOOR: Door = { enter: () => true, leave: () => {} };

/** Something to run when it is its turn. */
export interface Task<T> {
  /** Among those that may start, the lowest goes first; it is asked each time, as it may become known better. */
  rank(): number;
  /** Whether it must run alone: it begins when nothing runs, and nothing begins beside it. */
  alone?(): boolean;
  /**
   * Whether it may start beside so many that run now; always, when absent. It is asked whenever something ends and at each
   * `wake`, so it must be cheap.
   */
  mayStart?(running: number): boolean;
  run(): Promise<T>;
}

export interface Scheduler {
  /**
   * Runs the task when the gate is open, the lane has a place, and the task may start. A task that waits holds no place.
   * Resolves with the task's own result, or with why it was never begun.
   */
  run<T>(task: Task<T>): Promise<{ ran: T } | { notStarted: NotStarted }>;
  /** How many tasks may run from now on; running ones go on to their end. */
  setLimit(limit: number): void;
  /** What tasks wait for beside a place may have changed. */
  wake(): void;
  /** No task begins any more. */
  stop(): void;
  /** Tasks that run now. */
  running(): number;
}

interface Ticket {
  rank(): number;
  alone(): boolean;
  mayStart(running: number): boolean;
  /** Begins the task and settles with it; never rejects. */
  begin(): Promise<void>;
  giveBack(): void;
}

/** A scheduler of `limit` places. What p-limit runs is not a task but a ticket: "take the best that may start". */
export function createScheduler(limit: number, gate: Gate, door: Door = NO_DOOR): Scheduler {
  const places = pLimit(limit);
  const ready: Ticket[] = [];
  let stopped = false;
  let running = 0;
  /** Something runs that must be alone. */
  let occupied = false;
  /** Tickets that p-limit has been given and has not run yet. */
  let asked = 0;

  /** Asks for as many places as can be filled; one that finds nothing to start is given back at once. */
  function ask(): void {
    while (asked < ready.length && asked + running < places.concurrency) {
      asked += 1;
      void places(takeBest);
    }
  }

  async function takeBest(): Promise<void> {
    asked -= 1;
    // The gate may have been shut, or the run stopped, while the ticket waited for its place.
    if (stopped || !gate.isOpen()) return giveAllBack();
    const best = occupied ? undefined : letIn();
    if (best === undefined) return;
    const [ticket] = ready.splice(best.at, 1) as [Ticket];
    running += 1;
    gate.passed();
    occupied = best.alone;
    // Another may start beside it as well.
    ask();
    await ticket.begin();
    running -= 1;
    occupied = false;
    door.leave();
    ask();
  }

  /** While other runs keep one that must be alone waiting, others of this run may go before it. */
  function letIn(): Best | undefined {
    const best = findBest(ready, running);
    if (best === undefined || door.enter(best.alone)) return best;
    if (!best.alone) return undefined;
    const beside = findBest(ready, running, true);
    return beside !== undefined && door.enter(false) ? beside : undefined;
  }

  function giveAllBack(): void {
    for (const ticket of ready.splice(0)) ticket.giveBack();
  }

  function queueOnce<T>(task: Task<T>): Promise<{ ran: T } | undefined> {
    return new Promise((resolve, reject) => {
      ready.push({
        rank: task.rank,
        alone: () => task.alone?.() ?? false,
        mayStart: (beside) => task.mayStart?.(beside) ?? true,
        begin: () => task.run().then((ran) => resolve({ ran }), reject),
        giveBack: () => resolve(undefined),
      });
      ask();
    });
  }

  return {
    async run(task) {
      for (;;) {
        if (stopped) return { notStarted: 'stopped' };
        if (!(await gate.opened())) return { notStarted: 'engine-gone' };
        const outcome = await queueOnce(task);
        if (outcome !== undefined) return outcome;
      }
    },
    setLimit(next) {
      places.concurrency = next;
      ask();
    },
    wake: ask,
    stop() {
      stopped = true;
      giveAllBack();
    },
    running: () => running,
  };
}

interface Best {
  at: number;
  alone: boolean;
  rank: number;
}

/**
 * The best of those that may start, or of those of them that need not be alone; undefined when none may. One that must be
 * alone is not waited for with a lane that drains: it has its turn when nothing runs, as at the very beginning.
 */
function findBest(ready: readonly Ticket[], running: number, notAlone = false): Best | undefined {
  let best: Best | undefined;
  for (const [at, ticket] of ready.entries()) {
    const rank = ticket.rank();
    if (best !== undefined && rank >= best.rank) continue;
    const alone = ticket.alone();
    if ((alone && (running > 0 || notAlone)) || !ticket.mayStart(running)) continue;
    best = { at, alone, rank };
  }
  return best;
}
