import type { Dialect } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { LeadingSteps } from '../plan/leading-steps.js';
import { type Chains, type CopiedContent, createStepContents } from './step-contents.js';

/** How long after the run's begin an image waits until it is known what it has in common with one in flight. */
const PATIENCE_MS = 1_000;

/** These make two equal layers when two builds do the same step at once, and later lose the steps on one of them. */
const DIALECTS: readonly Dialect[] = ['podman', 'podman-remote', 'buildah'];

/** A larger context is sent and unpacked for seconds before the first step. */
const LIGHT_BYTES = 16 * 2 ** 20;

/** Arguments with which a build neither finds nor leaves layers that others could share. */
const ALONE = /^--(?:no-cache|layers=false|squash|squash-all)(?:=true)?$/;

export interface SiblingEffects {
  /** Reads what builds begin with, by the image; undefined where nothing is built. */
  leadingSteps?(): Promise<ReadonlyMap<string, LeadingSteps>>;
  /** What instructions copy; undefined where nothing is built. */
  copied?: CopiedContent;
  /** How large the image's context is, in bytes, as far as that is known. */
  contextBytes(image: ImageSpec): number | undefined;
  timer(ms: number, callback: () => void): () => void;
  /** Images that were held back may start now. */
  wake(): void;
}

/** Keeps images from doing the same leading steps at the same time, so that each is done once. */
export interface Siblings {
  /** Finds out, beside the first builds, what images have in common; to be called once the first were asked to start. */
  begin(): Promise<void>;
  /** Whether no image in flight is at, or before, the last leading step that it shares with this one. */
  mayStart(image: ImageSpec): boolean;
  /**
   * Whether others should begin before this one: its context takes a while until it comes to the leading steps that it shares
   * with one that waits too, for which the others would have to wait.
   */
  yields(image: ImageSpec): boolean;
  /** An attempt began; `ended` must follow. */
  began(image: ImageSpec): void;
  /** An attempt of this image came to a step, such as `2/5` or `[1/2] 3/7`. */
  reached(image: ImageSpec, step: string): void;
  ended(image: ImageSpec, built: boolean): void;
}

const NO_SIBLINGS: Siblings = {
  begin: async () => {},
  mayStart: () => true,
  yields: () => false,
  began: () => {},
  reached: () => {},
  ended: () => {},
};

/**
 * An image that shares leading steps with one in flight starts when that one has passed them, and others go first meanwhile.
 * Steps that an attempt of this run has passed hold nobody: their layers are there. Only what is in flight holds others back,
 * so nothing waits in a circle.
 */
export function createSiblings(
  images: readonly ImageSpec[],
  dialect: Dialect,
  effects: SiblingEffects,
  over: AbortSignal,
): Siblings {
  const { leadingSteps, copied, wake } = effects;
  const sharing = new Set(
    images
      .filter(({ noCache, extraArgs }) => !noCache && !extraArgs.some((arg) => ALONE.test(arg)))
      .map(({ name }) => name),
  );
  if (!DIALECTS.includes(dialect) || leadingSteps === undefined || copied === undefined || sharing.size < 2) {
    return NO_SIBLINGS;
  }
  let leading: ReadonlyMap<string, LeadingSteps> = new Map();
  let contents: ReturnType<typeof createStepContents> | undefined;
  let chains: Chains | undefined;
  let patient = true;
  /** By the image in flight the step of its first stage that it is at: 1 for the `FROM`, 0 before it. */
  const flying = new Map<string, number>();
  /** By the image how many of its steps its attempts have passed, and the numbers of all these steps. */
  const furthest = new Map<string, number>();
  const passed = new Set<number>();
  /** Names of those that yield; undefined until it is found out anew. */
  let yielding: ReadonlySet<string> | undefined;

  return {
    async begin() {
      const impatient = effects.timer(PATIENCE_MS, () => {
        patient = false;
        update();
      });
      try {
        leading = new Map([...(await leadingSteps())].filter(([name]) => sharing.has(name)));
        contents = createStepContents(images, leading, copied);
        update();
        await contents.find(over, update);
      } finally {
        impatient();
        patient = false;
        update();
      }
    },
    mayStart({ name }) {
      if (!sharing.has(name) || flying.size === 0) return true;
      if (chains === undefined) return !patient;
      return ![...flying].some(([other, at]) => isHeld(name, other, at));
    },
    yields({ name }) {
      yielding ??= findYielding();
      return yielding.has(name);
    },
    began({ name }) {
      if (!sharing.has(name)) return;
      flying.set(name, 0);
      yielding = undefined;
    },
    reached({ name }, step) {
      const at = flying.get(name);
      if (at === undefined) return;
      const now = Math.max(at, placeOf(step, leading.get(name)?.stage ?? 1));
      if (now === at) return;
      flying.set(name, now);
      pass(name, now - 1);
      wake();
    },
    ended({ name }, built) {
      if (!flying.delete(name)) return;
      if (built) pass(name, Number.POSITIVE_INFINITY);
      wake();
    },
  };
  /** Numbers change as more becomes known. */
  function update(): void {
    chains = contents?.chains(patient ? 'alike' : 'different');
    yielding = undefined;
    passed.clear();
    for (const [name, steps] of furthest) pass(name, steps);
    wake();
  }

  /** The heavy ones of those that wait for a step to be done that a light one waits for as well. */
  function findYielding(): Set<string> {
    const heavy = images.filter((image) => sharing.has(image.name) && isHeavy(image));
    if (heavy.length === 0 || chains === undefined) return new Set();
    const led = new Set(images.flatMap((image) => (isHeavy(image) ? [] : (nextOf(image.name) ?? []))));
    return new Set(heavy.flatMap(({ name }) => (led.has(nextOf(name) ?? 0) ? [name] : [])));
  }

  function isHeavy(image: ImageSpec): boolean {
    return (effects.contextBytes(image) ?? 0) > LIGHT_BYTES;
  }

  /** The number of the first leading step that is still to be done, of an image that waits. */
  function nextOf(name: string): number | undefined {
    if (flying.has(name)) return undefined;
    const steps = leading.get(name)?.steps ?? [];
    return chains?.get(name)?.find((number, index) => steps[index]?.works && !passed.has(number));
  }

  function pass(name: string, steps: number): void {
    yielding = undefined;
    furthest.set(name, Math.max(steps, furthest.get(name) ?? 0));
    for (const number of chains?.get(name)?.slice(0, steps) ?? []) passed.add(number);
  }

  /** Whether what these two have in common is still to be done by the other one, which is at this step. */
  function isHeld(name: string, other: string, at: number): boolean {
    const chain = chains?.get(name) ?? [];
    const beside = chains?.get(other) ?? [];
    const steps = leading.get(name)?.steps ?? [];
    let common = 0;
    for (let index = 0; index < chain.length && chain[index] === beside[index]; index += 1) {
      if (steps[index]?.works) common = index + 1;
    }
    return common > 0 && at <= common && !passed.has(chain[common - 1] as number);
  }
}

/** The place of a step in the stage that is built first; past its end when it is of a later stage, 0 of an earlier one. */
function placeOf(step: string, first: number): number {
  const [, stage = '1', place = '0'] = /^(?:\[(\d+)\/\d+\] )?(\d+)\//.exec(step) ?? [];
  const at = Number(stage) - first;
  return at === 0 ? Number(place) : at > 0 ? Number.POSITIVE_INFINITY : 0;
}
