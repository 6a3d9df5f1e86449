import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renderJournal } from '../../src/host/report-command.js';
import { REPORT_FILES } from '../../src/host/report-files.js';
import { foldJournal } from '../../src/journal/fold.js';
import { formatEvent } from '../../src/journal/lines.js';
import { renderHtml } from '../../src/report/html/html.js';
import { renderJson } from '../../src/report/json.js';
import { crashedRun } from '../support/journal-factory.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-command-'));
  path = join(folder, 'journal.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = () => crashedRun().events.map(formatEvent).join('');

describe('rendering a journal', () => {
  it('writes every report, the same as the action renders', async () => {
    writeFileSync(path, lines());
    const out = join(folder, 'deep', 'out');
    expect(await renderJournal(path, out)).toEqual({ written: [...REPORT_FILES], failures: [], damaged: 0, images: 3 });
    expect(readdirSync(out).sort()).toEqual([...REPORT_FILES].sort());
    const report = foldJournal(crashedRun().events);
    expect(readFileSync(join(out, 'report.json'), 'utf8')).toBe(renderJson(report));
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe(renderHtml(report));
  });

  it('counts damaged lines and renders the others', async () => {
    writeFileSync(path, `${lines()}{"type":"warning"}\nnot JSON\n{"type":"sample","at":1,"ho`);
    expect(await renderJournal(path, folder)).toMatchObject({ damaged: 3, images: 3 });
  });

  it('goes on with the others when one report cannot be written', async () => {
    writeFileSync(path, lines());
    mkdirSync(join(folder, 'trace.json'));
    const { written, failures } = await renderJournal(path, folder);
    expect(written).toEqual(['report.json', 'summary.md', 'junit.xml', 'report.html']);
    expect(failures).toEqual([expect.stringMatching(/^trace\.json could not be written: /)]);
  });

  it.each([
    ['that is not there', () => join(folder, 'none.ndjson'), /none\.ndjson: no such file; expected the journal/],
    ['that is a folder', () => folder, /: a folder; expected a file, such as .*journal\.ndjson/],
  ])('refuses a journal %s', async (_, at, message) => {
    await expect(renderJournal(at(), folder)).rejects.toThrow(message);
  });

  it('refuses a journal without a run, and says what is in it', async () => {
    writeFileSync(path, 'a\nb\n{"type":"warning","at":1,"message":"x"}\n');
    await expect(renderJournal(path, folder)).rejects.toThrow(/no run in it: .* \(other events: 1, damaged lines: 2\)/);
    expect(readdirSync(folder)).toEqual(['journal.ndjson']);
  });
});
