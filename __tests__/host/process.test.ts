import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askByCommand, startBuild } from '../../src/host/process.js';

const node = (script: string) => ({ file: process.execPath, args: ['-e', script], env: {} });
/** A process that has ended may stay a zombie until its parent looks. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const onUnix = process.platform === 'win32' ? it.skip : it;

describe('a build process', () => {
  let folder = '';
  const log = () => join(folder, 'log');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'process-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves both outputs in the log, byte for byte, with an unterminated last line', async () => {
    const child = startBuild(
      node(`process.stdout.write(Buffer.from([0xff, 0x00, 10])); process.stderr.write('Error: last')`),
      log(),
      Date.now,
    );
    expect(await child.ended).toMatchObject({ code: 0, stderr: 'Error: last' });
    expect(readFileSync(log()).includes(Buffer.from([0xff, 0x00, 10]))).toBe(true);
    expect(readFileSync(log(), 'utf8')).toContain('Error: last');
  });

  it('keeps only the end of a long output in memory, and all of it in the log', async () => {
    const child = startBuild(
      node(
        `const l = 'x'.repeat(99) + '\\n'; for (let i = 0; i < 50; i++) process.stdout.write(l.repeat(1000)); console.log('the end')`,
      ),
      log(),
      Date.now,
    );
    const { stdout } = await child.ended;
    expect(stdout.length).toBeLessThanOrEqual(64 * 1024);
    expect(stdout.endsWith('the end\n')).toBe(true);
    expect(readFileSync(log()).length).toBe(5_000_008);
  });

  it('tells an exit code from a signal from a missing command', async () => {
    expect(await startBuild(node('process.exit(125)'), log(), Date.now).ended).toMatchObject({ code: 125 });
    expect(await startBuild({ file: 'no-such-engine', args: [], env: {} }, log(), Date.now).ended).toMatchObject({
      failure: 'no-such-engine is not installed',
    });
  });

  onUnix('says which signal ended it', async () => {
    const killed = await startBuild(node(`process.kill(process.pid, 'SIGKILL')`), log(), Date.now).ended;
    expect(killed).toMatchObject({ signal: 'SIGKILL' });
    expect(killed).not.toHaveProperty('code');
  });

  onUnix('is ended with all that it started, and not waited for when its children hold its output', async () => {
    const script = `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); console.log(c.pid); setInterval(() => {}, 1000)`;
    const child = startBuild(node(script), log(), Date.now);
    while (readFileSync(log(), { encoding: 'utf8', flag: 'a+' }).trim() === '')
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGTERM');
    const { stdout } = await child.ended;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isRunning(Number(stdout))).toBe(false);
  });
});

describe('a question to a server', () => {
  it('has its answer', async () => {
    expect(await askByCommand(node(`console.log('yes')`), 10_000)).toEqual({ code: 0, stdout: 'yes\n', stderr: '' });
  });

  it('is given up after its time limit', async () => {
    expect(await askByCommand(node('setInterval(() => {}, 1000)'), 300)).toMatchObject({
      failure: 'no answer within 0.3 s',
    });
  });

  it('says what is missing', async () => {
    expect(await askByCommand({ file: 'no-such-engine', args: [], env: {} }, 1000)).toMatchObject({
      failure: 'no-such-engine is not installed',
    });
  });
});
