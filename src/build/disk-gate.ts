import type { JournalEvent, Verdict } from '../journal/events.js';
import { type DiskDecision, decideByDisk, mebibytes, type Space } from './disk-decision.js';
import type { Vitals } from './judge.js';

/** Free space is looked at this often for as long as something waits for it, as often as it is sampled. */
const LOOK_EVERY_MS = 1_000;
/** It is learnt within tenths of a second where an engine keeps its images. */
const ASK_EVERY_MS = 100;
/** An engine that does not say in so long where it keeps its images is not waited for. */
const ASKED_FOR_MS = 10_000;

/** A turn that is due. */
export interface DueTurn {
  image: string;
  /** What it is: `its build`, `its hand-off to archive`. */
  what: string;
  isHandOff: boolean;
  /** What it may need; undefined when nobody knows. */
  expectedBytes: number | undefined;
}

export interface DiskGate {
  /** Whether the turn may begin now, be it only to be told that it must fail. */
  mayStart(turn: DueTurn): boolean;
  /** The verdict on a turn that `mayStart` let begin though it must fail; undefined for any other. */
  refusal(turn: DueTurn): Verdict | undefined;
  /** Nothing is waited for any more. */
  stop(): void;
}

export interface DiskGateEffects {
  minFreeBytes: number | undefined;
  vitals(): Vitals;
  /**
   * Whether something runs beside this turn whose end may free space; may begin to make room, where that is possible.
   * `held` says whether a turn of this image is what waits here.
   */
  othersRun(turn: DueTurn, held: (image: string) => boolean): boolean;
  /** Has everything that waits asked again. */
  wake(): void;
  timer(ms: number, callback: () => void): () => void;
  now(): number;
  record(event: JournalEvent): void;
}

/** A gate that each turn passes on its way into a lane: it tells, once for each image, what is too little, and for what. */
export function createDiskGate(effects: DiskGateEffects): DiskGate {
  const { minFreeBytes, vitals, timer, now } = effects;
  const beganAt = now();
  const refused = new Map<string, Verdict>();
  const held = new Set<string>();
  const told = new Set<string>();
  let cancelTimer: (() => void) | undefined;
  let stopped = false;

  return {
    mayStart(turn) {
      const space = spaceNow();
      // What runs is asked last: it may begin to make room.
      const decide = (othersRun: boolean) => decideByDisk({ ...turn, space, minFreeBytes, othersRun });
      let decision: DiskDecision = decide(true);
      // Those that wait for each other would wait for ever.
      held.add(turn.image);
      if (decision === 'wait' && space.freeBytes !== undefined)
        decision = decide(effects.othersRun(turn, (name) => held.has(name)));
      if (decision === 'wait') lookAgain(space);
      else held.delete(turn.image);
      // A turn may be asked for, and another one taken.
      refused.delete(keyOf(turn));
      if (decision === 'fail') refused.set(keyOf(turn), refusalAt(space.freeBytes as number, turn));
      tell(decision, space, turn);
      return decision !== 'wait';
    },
    refusal(turn) {
      const verdict = refused.get(keyOf(turn));
      refused.delete(keyOf(turn));
      return verdict;
    },
    stop() {
      stopped = true;
      cancelTimer?.();
    },
  };

  function spaceNow(): Space {
    const { diskFreeBytes, engineIsHere } = vitals();
    if (diskFreeBytes !== undefined) return { freeBytes: diskFreeBytes, asking: false };
    return { asking: engineIsHere === undefined && now() - beganAt < ASKED_FOR_MS };
  }

  function lookAgain({ asking }: Space): void {
    if (cancelTimer !== undefined || stopped) return;
    cancelTimer = timer(asking ? ASK_EVERY_MS : LOOK_EVERY_MS, () => {
      cancelTimer = undefined;
      effects.wake();
    });
  }

  function refusalAt(freeBytes: number, { what }: DueTurn): Verdict {
    return {
      class: 'resources-exhausted',
      evidence: [
        `free where images are stored: ${mebibytes(freeBytes)}, below min-free-disk of ${mebibytes(minFreeBytes ?? 0)}; nothing else runs that could free any`,
        `${what} was not begun: free space there, or lower min-free-disk`,
      ],
    };
  }

  function tell(decision: DiskDecision, { freeBytes }: Space, { image, what, expectedBytes }: DueTurn): void {
    if (freeBytes === undefined) {
      if (minFreeBytes !== undefined && vitals().engineIsHere !== undefined)
        warnOnce(
          '',
          'min-free-disk has no effect: the free space where the engine keeps its images cannot be seen from here',
        );
      return;
    }
    const free = `${mebibytes(freeBytes)} are free where images are stored`;
    if (decision === 'warn' && expectedBytes !== undefined)
      warnOnce(`${image} needs`, `"${image}": ${free}, and ${what} may need about ${mebibytes(expectedBytes)}`);
    if (decision === 'wait')
      warnOnce(
        `${image} waits`,
        `"${image}": ${free}, below min-free-disk of ${mebibytes(minFreeBytes ?? 0)}: ${what} waits for what runs to free some`,
      );
  }

  function warnOnce(key: string, message: string): void {
    if (told.has(key)) return;
    told.add(key);
    effects.record({ type: 'warning', at: now(), message });
  }
}

function keyOf({ image, what }: DueTurn): string {
  return JSON.stringify([image, what]);
}
