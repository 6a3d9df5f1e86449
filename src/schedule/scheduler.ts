import pLimit from 'p-limit';

/** The gate that every attempt passes: shut while an incident is open. */
export interface Gate {
  isOpen(): boolean;
  /** Resolves when attempts may start: true, or false when the engine is given up. */
  opened(): Promise<boolean>;
}

/** Why a task was never begun. */
export type NotStarted = 'engine-gone' | 'stopped';

export interface Scheduler {
  /**
   * Runs the task when the gate is open and the lane has a place; among those that wait, the lowest `rank` goes first.
   * A task that waits holds no place. Resolves with the task's own result, or with why it was never begun.
   */
  run<T>(rank: number, task: () => Promise<T>): Promise<{ ran: T } | { notStarted: NotStarted }>;
  /** How many tasks may run from now on; running ones go on to their end. */
  setLimit(limit: number): void;
  /** No task begins any more. */
  stop(): void;
  /** Tasks that run now. */
  running(): number;
}

interface Ticket {
  rank: number;
  /** Begins the task and settles with it; never rejects. */
  begin(): Promise<void>;
  giveBack(): void;
}

/** A scheduler of `limit` places. What p-limit runs is not a task but a ticket: "take the best that is ready". */
export function createScheduler(limit: number, gate: Gate): Scheduler {
  const places = pLimit(limit);
  const ready: Ticket[] = [];
  let stopped = false;
  let running = 0;

  async function takeBest(): Promise<void> {
    const ticket = removeBest(ready);
    // The gate may have been shut, or the run stopped, while the ticket waited for its place: the place is given back.
    if (stopped || !gate.isOpen()) return ticket.giveBack();
    running += 1;
    await ticket.begin();
    running -= 1;
  }

  function queueOnce<T>(rank: number, task: () => Promise<T>): Promise<{ ran: T } | undefined> {
    return new Promise((resolve, reject) => {
      ready.push({
        rank,
        begin: () => task().then((ran) => resolve({ ran }), reject),
        giveBack: () => resolve(undefined),
      });
      void places(takeBest);
    });
  }

  return {
    async run(rank, task) {
      for (;;) {
        if (stopped) return { notStarted: 'stopped' };
        if (!(await gate.opened())) return { notStarted: 'engine-gone' };
        const outcome = await queueOnce(rank, task);
        if (outcome !== undefined) return outcome;
      }
    },
    setLimit(next) {
      places.concurrency = next;
    },
    stop() {
      stopped = true;
    },
    running: () => running,
  };
}

/** Each place takes exactly one ticket, so there is always one to take. */
function removeBest(ready: Ticket[]): Ticket {
  let best = 0;
  for (let index = 1; index < ready.length; index += 1) {
    if ((ready[index] as Ticket).rank < (ready[best] as Ticket).rank) best = index;
  }
  const [ticket] = ready.splice(best, 1);
  if (ticket === undefined) throw new Error('a place was free and no ticket was ready');
  return ticket;
}
