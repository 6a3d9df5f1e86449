/** Whether the engine answered, and what it said when it did not. */
export interface PingAnswer {
  alive: boolean;
  said: string;
}

/** Reads the result of an engine's ping: exit code 0 is an answer, the last line of anything else is its complaint. */
export function readPing(result: { code?: number; stderr: string; failure?: string }): PingAnswer {
  if (result.code === 0) return { alive: true, said: '' };
  const lastLine = result.stderr.trim().split('\n').at(-1) ?? '';
  return { alive: false, said: lastLine || (result.failure ?? `exit code ${result.code}`) };
}
