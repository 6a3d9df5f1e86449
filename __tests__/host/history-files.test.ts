import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { formatHistory, type History, mergeHistories, NO_HISTORY } from '../../src/history/history.js';
import { addToHistoryFolder, readHistoryFolder, userCacheFolder } from '../../src/host/history-files.js';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'history-')), 'scope');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const UUID = '00000000-0000-4000-8000-000000000000';

function historyOf(name: string, at = 1): History {
  return mergeHistories([
    { schema: 1, runs: [], images: [{ engine: 'podman/podman', name, builds: [{ run: name, at, incidents: 0 }] }] },
  ]);
}

const add = (name: string) => addToHistoryFolder(folder, (known) => mergeHistories([known, historyOf(name)]));
const known = async () => (await readHistoryFolder(folder)).history.images.map(({ name }) => name);

describe('the files of a history', () => {
  it('are one, with all that was added', async () => {
    for (const name of ['api', 'web', 'db']) await add(name);
    expect(await known()).toEqual(['api', 'db', 'web']);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are none at first, which is no reason to warn', async () => {
    expect(await readHistoryFolder(folder)).toEqual({ history: NO_HISTORY, warnings: [] });
  });

  it('have what both of two runs at once added, and are one again after the next', async () => {
    await add('api');
    // The second run reads before the first has written, and writes after it.
    await addToHistoryFolder(folder, (before) => {
      writeFileSync(join(folder, `history-${UUID}.json`), formatHistory(historyOf('web')));
      return mergeHistories([before, historyOf('db')]);
    });
    expect(readdirSync(folder)).toHaveLength(2);
    expect(await known()).toEqual(['api', 'db', 'web']);
    await add('last');
    expect(readdirSync(folder)).toHaveLength(1);
    expect(await known()).toEqual(['api', 'db', 'last', 'web']);
  });

  it.each<[string, string]>([
    ['a damaged file', '{"schema":1,"runs":[],"ima'],
    ['a file of another version', '{"schema":2}'],
    ['an empty file', ''],
    ['a file that no history can fill', `${formatHistory(historyOf('x'))}${' '.repeat(17 * 1024 * 1024)}`],
  ])('with %s among them lose that alone, and warn once', async (_name, text) => {
    await add('api');
    writeFileSync(join(folder, `history-${UUID}.json`), text);
    const { history, warnings } = await readHistoryFolder(folder);
    expect(history.images).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('is no history of this version')]);
    await add('web');
    expect((await readHistoryFolder(folder)).warnings).toEqual([]);
    expect(await known()).toEqual(['api', 'web']);
  });

  it('are not read from what is no file, which nobody may ever write to', async () => {
    await add('api');
    spawnSync('mkfifo', [join(folder, `history-${UUID}.json`)]);
    const { history, warnings } = await readHistoryFolder(folder);
    expect(history.images).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('is no history of this version')]);
  });

  it('leave alone what is not theirs, and what a run may still be writing', async () => {
    mkdirSync(folder, { recursive: true });
    const [writing, abandoned] = [`history-${UUID}.json.new`, `history-${UUID.replace(/^0/, '1')}.json.new`];
    for (const name of ['notes.txt', writing, abandoned]) writeFileSync(join(folder, name), 'half');
    utimesSync(join(folder, abandoned), 1, 1);
    await add('api');
    const left = readdirSync(folder);
    expect(left).toHaveLength(3);
    expect(left).toEqual(expect.arrayContaining(['notes.txt', writing]));
  });
});

describe("the user's cache folder", () => {
  const home = () => '/home/me';
  it.each<[string, string, NodeJS.ProcessEnv, string]>([
    ['is where XDG_CACHE_HOME says', 'linux', { XDG_CACHE_HOME: '/caches' }, '/caches'],
    ['is ~/.cache where it says nothing', 'linux', {}, '/home/me/.cache'],
    ['is ~/.cache where it says something relative', 'linux', { XDG_CACHE_HOME: 'caches' }, '/home/me/.cache'],
    ['is ~/Library/Caches on macOS', 'darwin', { XDG_CACHE_HOME: '/caches' }, '/home/me/Library/Caches'],
    [
      'is LOCALAPPDATA on Windows',
      'win32',
      { LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' },
      'C:\\Users\\me\\AppData\\Local',
    ],
  ])('%s', (_name, platform, environment, expected) => {
    expect(userCacheFolder(platform, environment, home)).toBe(expected);
  });
});
