import type { RunEffects } from '../build/run.js';
import { formatCommand } from '../engine/command-line.js';
import type { Answer, Command, Engine } from '../engine/engine.js';
import type { JournalEvent } from '../journal/events.js';

/**
 * What is done to bring a dead engine back: the user's own command, or else what the engine's file knows for this
 * platform. The user's command is the single one that goes through a shell; it finds the incident's facts in its
 * environment. Each act is recorded with what it said.
 */
export function createRecovery(of: {
  engine: Engine;
  recoveryCommand?: string | undefined;
  run(command: Command, limitMs: number, signal: AbortSignal): Promise<Answer>;
  now(): number;
  record(event: JournalEvent): void;
}): RunEffects['act'] {
  return async (incident, evidence, inFlight, limitMs, signal) => {
    const until = of.now() + limitMs;
    for (const command of commands(incident, evidence, inFlight)) {
      const result = await of.run(command, Math.max(0, until - of.now()), signal);
      const said = lastLine(result.stderr) || lastLine(result.stdout) || (result.failure ?? '');
      of.record({
        type: 'recovery',
        at: of.now(),
        incident,
        command: of.recoveryCommand ?? formatCommand(command),
        ...(result.code === undefined ? {} : { code: result.code }),
        said,
      });
    }
  };

  function commands(incident: number, evidence: string[], inFlight: string[]): Command[] {
    const { facts } = of.engine;
    if (of.recoveryCommand === undefined) {
      return of.engine.restart({ os: process.platform, root: process.getuid?.() === 0 });
    }
    const env = {
      E2E_BUILD_ENGINE: facts.name,
      E2E_BUILD_ENGINE_URL: facts.address ?? '',
      E2E_BUILD_INCIDENT: String(incident),
      E2E_BUILD_EVIDENCE: evidence.join('\n'),
      E2E_BUILD_IN_FLIGHT: inFlight.join('\n'),
    };
    return [
      process.platform === 'win32'
        ? { file: 'cmd.exe', args: ['/d', '/s', '/c', of.recoveryCommand], env }
        : { file: '/bin/sh', args: ['-c', of.recoveryCommand], env },
    ];
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
