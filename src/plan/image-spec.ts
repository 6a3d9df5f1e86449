/** One image to build, with every default filled in: what an engine turns into a command. */
export interface ImageSpec {
  name: string;
  /** Absolute path, or a URL that the engine fetches. */
  context: string;
  /** Absolute path of the Containerfile; absent when the engine must find it (URL contexts). */
  file?: string;
  target?: string;
  tags: string[];
  /** `null`: the value comes from the environment, as with `--build-arg KEY`. */
  buildArgs: Record<string, string | null>;
  buildContexts: Record<string, string>;
  labels: Record<string, string>;
  /** By id the absolute path of a file that holds nothing but the secret. */
  secrets: Record<string, string>;
  platforms: string[];
  cacheFrom: string[];
  cacheTo: string[];
  noCache: boolean;
  pull: boolean;
  /** Whether its tags are pushed to their registries. */
  push: boolean;
  extraArgs: string[];
  /** Names of the images that must be built before this one, all of them in the plan. */
  needs: string[];
  /** Whether it builds alone; absent means as crashes have shown. */
  exclusive?: boolean;
  /** How much memory its build needs at its peak; absent means as in earlier runs. */
  memoryBytes?: number;
  timeoutMs: number;
}
