/** The verdicts that a retry can help with; nothing else may be retried. */
export const RETRYABLE_VERDICTS = ['engine-crash', 'registry-flake', 'storage-contention'] as const;
export type RetryableVerdict = (typeof RETRYABLE_VERDICTS)[number];

/** Every input of the action, read and validated; nested code never reads inputs. Durations are milliseconds. */
export interface Inputs {
  images: ImageInput[];
  /** Names of the images to build; empty means all. */
  targets: string[];
  engine: 'auto' | 'podman' | 'docker' | 'buildah';
  engineUrl?: string;
  builder?: string;
  maxParallel: number;
  retries: number;
  retryMinTimeoutMs: number;
  retryMaxTimeoutMs: number;
  retryFactor: number;
  serialAfter: number;
  /** Verdicts that are retried. */
  retryOn: RetryableVerdict[];
  recovery: 'wait' | 'restart' | 'none';
  /** A shell command that brings the engine back, with `recovery: restart`. */
  recoveryCommand?: string;
  recoveryTimeoutMs: number;
  stallTimeoutMs: number;
  /** For the whole run; absent means none. */
  deadlineMs?: number;
  timeoutMs: number;
  failFast: boolean;
  /** Whether to remove what interrupted builds left in the engine. */
  cleanup: boolean;
  /** What is kept from run to run. `images` is as `history`: images are not kept yet. */
  cache: 'off' | 'history' | 'images';
  /** Whether to start from what earlier runs taught; it is kept in any case. */
  learn: boolean;
  /** `null`: the value comes from the environment, as with `--build-arg KEY`. */
  buildArgs: Record<string, string | null>;
  labels: Record<string, string>;
  /** By id; each image gets them, unless it says which. */
  secrets: Record<string, SecretSource>;
  platforms: string[];
  pull: boolean;
  noCache: boolean;
  extraArgs: string[];
  summary: boolean;
  /** Whether each failed image is an error at its Containerfile. */
  annotations: boolean;
  /** Folder for the report; absent means one under the runner's temp folder. */
  report?: string;
}

/** One image as the user wrote it; what is absent falls back to the run's inputs. */
export interface ImageInput {
  name: string;
  context?: string;
  file?: string;
  target?: string;
  tags?: string[];
  /** `null`: the value comes from the environment, as with `--build-arg KEY`. */
  buildArgs?: Record<string, string | null>;
  buildContexts?: Record<string, string>;
  labels?: Record<string, string>;
  /** Absent means all of the run's. */
  secrets?: ImageSecret[];
  platforms?: string[];
  cacheFrom?: string[];
  cacheTo?: string[];
  noCache?: boolean;
  pull?: boolean;
  extraArgs?: string[];
  timeoutMs?: number;
}

/** Where a build secret's value comes from. */
export type SecretSource =
  | { kind: 'value'; value: string }
  | { kind: 'env'; name: string }
  | { kind: 'file'; path: string };

/** A secret that an image asks for; without a source it is one of the run's. */
export interface ImageSecret {
  id: string;
  source?: SecretSource;
}

/** One thing that is wrong with the inputs. */
export interface Problem {
  /** The input, or the image and its key: `max-parallel`, `images[1] "api": contxt`. */
  where: string;
  /** The value that was seen, as the user wrote it. */
  seen: string;
  /** What would have been right. */
  expected: string;
  /** The next step, such as the nearest known key. */
  hint?: string;
}
