/** The verdicts that a retry can help with; nothing else may be retried. */
export const RETRYABLE_VERDICTS = ['engine-crash', 'registry-flake', 'storage-contention'] as const;
export type RetryableVerdict = (typeof RETRYABLE_VERDICTS)[number];

/** Every input of the action, read and validated; nested code never reads inputs. Durations are milliseconds. */
export interface Inputs {
  /** Those of `images`, then those of `files`, in the order in which they are written. */
  images: ImageInput[];
  /** Names of the images to build, or of their groups, or patterns of either; empty means all. */
  targets: string[];
  engine: 'auto' | 'podman' | 'docker' | 'buildah';
  engineUrl?: string;
  builder?: string;
  maxParallel: number | 'auto';
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
  /** Whether to remove the engine's copy of an image once it is handed over. */
  prune: boolean;
  /** Free space where the engine keeps its images, in bytes, below which no build starts; absent means none. */
  minFreeDiskBytes?: number;
  /** What is kept from run to run: nothing, what runs taught, or that and which images they built, to be reused. */
  cache: 'off' | 'history' | 'images';
  /** Whether to start from what earlier runs taught; it is kept in any case. */
  learn: boolean;
  /** Whether all runs of this user on the same engine have one lane. */
  sharedLane: boolean;
  /** `null`: the value comes from the environment, as with `--build-arg KEY`. */
  buildArgs: Record<string, string | null>;
  labels: Record<string, string>;
  /** By id; each image gets them, unless it says which. */
  secrets: Record<string, SecretSource>;
  platforms: string[];
  pull: boolean;
  noCache: boolean;
  /** Whether nothing older than this run is reused, while what it built is shared and resumed. */
  fresh: boolean;
  /** Whether each image's tags are pushed to their registries. */
  push: boolean;
  extraArgs: string[];
  /** Where built images are archived, if they are. */
  archive?: ArchiveInput;
  /** Clusters that built images are loaded into, each once. */
  load: LoadTarget[];
  summary: boolean;
  /** Whether each failed image is an error at its Containerfile. */
  annotations: boolean;
  /** Folder for the report; absent means one under the runner's temp folder. */
  report?: string;
}

/** A folder of archives. */
export interface ArchiveInput {
  /** As it was written: relative to the workspace, or absolute. */
  folder: string;
  format: 'docker' | 'oci';
  compression: 'none' | 'zstd';
  /** A file for each image, or one for all. */
  layout: 'per-image' | 'single';
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
  push?: boolean;
  extraArgs?: string[];
  /** Names of the images that must be built before this one. */
  needs?: string[];
  /** Whether it builds alone; absent means as crashes have shown. */
  exclusive?: boolean;
  /** How much memory its build needs at its peak. */
  memoryBytes?: number;
  timeoutMs?: number;
  /** The text of the Containerfile, where a definition file holds it instead of naming one. */
  containerfile?: string;
  /** Whether a Dockerfile in the context is taken before a Containerfile, as the formats of docker have it. */
  prefersDockerfile?: boolean;
  /** Names that `targets` can pick it by beside its own: the groups of a bake file that it is in. */
  groups?: string[];
  /** Built only when `targets` picks it, or an image that is built needs it. */
  isOptional?: boolean;
  /** Where it is defined, for `Problem.where`; absent means its place in the input `images`. */
  where?: string;
}

/** A cluster that images are loaded into, by the tool that made it. */
export interface LoadTarget {
  tool: 'kind' | 'minikube' | 'k3d';
  /** Its name, or minikube's profile. */
  cluster: string;
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
