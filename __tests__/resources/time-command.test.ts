import { describe, expect, it } from '@jest/globals';
import { notStarted, TIME_COMMANDS, type TimeCommand } from '../../src/resources/time-command.js';

const gnu = TIME_COMMANDS['linux'] as TimeCommand;
const bsd = TIME_COMMANDS['darwin'] as TimeCommand;
const name = (number: number) => ({ 9: 'SIGKILL', 15: 'SIGTERM' })[number] ?? `signal ${number}`;

const FIGURES = 'e2e-build 12.50 0.25 20480 0 0 0 100 7\n';
const GNU_KERNEL = {
  userMs: 12_500,
  systemMs: 250,
  peakRssBytes: 20 * 2 ** 20,
  voluntarySwitches: 100,
  involuntarySwitches: 7,
};
const BSD_TEXT = `
        1.01 real         0.75 user         0.03 sys
             1171456  maximum resident set size
                   0  average shared memory size
                 166  page reclaims
                   5  messages sent
                   6  messages received
                   0  signals received
                  10  voluntary context switches
                  20  involuntary context switches
             5183476  instructions retired
              868736  peak memory footprint
`;

describe("what GNU's time wrote", () => {
  it('leaves an exit code as it is', () => {
    expect(gnu.read(`\n${FIGURES}`, { code: 0 }, name)).toEqual({ end: { code: 0 }, kernel: GNU_KERNEL });
    const failed = `\nCommand exited with non-zero status 137\n${FIGURES}`;
    expect(gnu.read(failed, { code: 137 }, name)).toEqual({ end: { code: 137 }, kernel: GNU_KERNEL });
  });

  it('tells the signal that its exit code hides', () => {
    const killed = `\nCommand terminated by signal 9\n${FIGURES}`;
    expect(gnu.read(killed, { code: 137 }, name)).toEqual({ end: { signal: 'SIGKILL' }, kernel: GNU_KERNEL });
  });

  it.each(['', '\n', '\ne2e', 'Command terminated by signal 9\n'])('says nothing when it is cut: %j', (wrote) => {
    expect(gnu.read(wrote, { code: 137 }, name)).toEqual({ end: { code: 137 } });
  });

  it('says nothing when time itself was killed', () => {
    expect(gnu.read(`\n${FIGURES}`, { signal: 'SIGKILL' }, name)).toEqual({ end: { signal: 'SIGKILL' } });
  });

  it('has messages and signals only where the kernel counts them', () => {
    const { kernel } = gnu.read('\ne2e-build 0 0 1 2 3 4 5 6\n', { code: 0 }, name);
    expect(kernel).toMatchObject({ messagesSent: 2, messagesReceived: 3, signals: 4 });
  });
});

describe("what BSD's time wrote", () => {
  const kernel = {
    userMs: 750,
    systemMs: 30,
    peakRssBytes: 1_171_456,
    messagesSent: 5,
    messagesReceived: 6,
    signals: 0,
    voluntarySwitches: 10,
    involuntarySwitches: 20,
  };

  it('has the figures, and the ending is its own', () => {
    expect(bsd.read(BSD_TEXT, { code: 3 }, name)).toEqual({ end: { code: 3 }, kernel });
    expect(bsd.read(BSD_TEXT, { signal: 'SIGKILL' }, name)).toEqual({ end: { signal: 'SIGKILL' }, kernel });
    expect(bsd.read(BSD_TEXT.replaceAll('.', ','), { code: 0 }, name).kernel).toEqual(kernel);
  });

  it('says nothing when there is nothing', () => {
    expect(bsd.read('\n', { code: 3 }, name)).toEqual({ end: { code: 3 } });
  });
});

describe('a command that time could not start', () => {
  it('is told by its own line, alone', () => {
    const line = '/usr/bin/time: cannot run podman: No such file or directory\n';
    expect(notStarted('/usr/bin/time', 'podman', { code: 127 }, line)).toEqual({ failure: 'podman is not installed' });
    const denied = '/usr/bin/time: cannot run ./podman: Permission denied\n';
    expect(notStarted('/usr/bin/time', './podman', { code: 126 }, denied)).toEqual({
      failure: './podman: Permission denied',
    });
    expect(notStarted('/usr/bin/time', 'podman', { code: 1 }, line)).toBeUndefined();
    expect(notStarted('/usr/bin/time', 'podman', { code: 127 }, `${line}Error: more\n`)).toBeUndefined();
    expect(notStarted('/usr/bin/time', 'podman', { code: 127 }, 'Error: exit status 127\n')).toBeUndefined();
  });
});
