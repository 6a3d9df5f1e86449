import type { PlannedSecret } from '../plan/secrets.js';
import { SHORTEST_SECRET_BYTES, secretPatterns } from '../secrets/patterns.js';
import { createRedactor, type Redactor } from '../secrets/redactor.js';
import { maskSecret } from './runner.js';
import type { ScratchFolder } from './scratch-folder.js';
import { watchSecretCopies } from './secret-copies.js';

/** What a run does about its secrets. */
export interface ProvidedSecrets {
  redactor: Redactor;
  /** Called when a build begins in a context; gives what to call when it has ended. */
  buildBegins(context: string): () => void;
  /** What could not be promised of them. */
  warnings: string[];
}

/**
 * Hides the secrets' values from the runner's log, and puts each into the file from which builds read it; returns what keeps
 * them out of all that we write ourselves. Throws an Error that names a secret's file that cannot be read.
 */
export function provideSecrets(secrets: readonly PlannedSecret[], scratch: ScratchFolder): ProvidedSecrets {
  const values = scratch.writeSecrets(secrets);
  for (const value of values) maskSecret(value.toString('utf8'));
  return { redactor: createRedactor(values), buildBegins: watchSecretCopies(values), warnings: gaps(values) };
}

function gaps(values: readonly Buffer[]): string[] {
  const { tooShort, tooLong } = secretPatterns(values);
  return [
    ...(tooShort > 0
      ? [
          `secrets: ${tooShort} shorter than ${SHORTEST_SECRET_BYTES} bytes cannot be told from other text: builds' logs may show it`,
        ]
      : []),
    ...(tooLong > 0 ? [`secrets: ${tooLong} too long to be looked for in every form in builds' logs`] : []),
  ];
}
