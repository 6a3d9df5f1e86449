import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { foldJournal } from '../../src/journal/fold.js';
import { renderJunit } from '../../src/report/junit.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, crashedRun, journal, lostRun } from '../support/journal-factory.js';

type Run = { events: Parameters<typeof foldJournal>[0] };
const junit = (run: Run) => readXml(renderJunit(foldJournal(run.events)));

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** Reads XML as strictly as the standard asks; throws at the first fault. */
function readXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (text) => {
    (open.at(-1) as Element).text += text;
  });
  parser.write(xml).close();
  return root.children[0] as Element;
}

function all(element: Element, name: string): Element[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => all(child, name))];
}

const problems = (run: Run) =>
  all(junit(run), 'testcase').map(({ attributes, children }) => [
    attributes['name'],
    children.find(({ name }) => ['failure', 'error', 'skipped'].includes(name))?.name,
  ]);

describe('junit.xml', () => {
  it('has a test case for each image, with its time and its attempts', () => {
    const suites = junit(crashedRun());
    expect(suites.attributes).toMatchObject({ tests: '3', failures: '0', errors: '0', skipped: '0', time: '50.000' });
    expect(all(suites, 'testcase').map(({ attributes }) => attributes)).toEqual([
      { name: 'api', classname: 'images', time: '35.000' },
      { name: 'web', classname: 'images', time: '39.100' },
      { name: 'db', classname: 'images', time: '5.000' },
    ]);
    const [api] = all(suites, 'testcase');
    const properties = all(api as Element, 'property').map(({ attributes }) => [
      attributes['name'],
      attributes['value'],
    ]);
    expect(properties).toEqual(
      expect.arrayContaining([
        ['attempts', '2'],
        ['attempt-1', 'engine-crash'],
        ['attempt-2', 'success'],
      ]),
    );
    expect(all(api as Element, 'system-out')[0]?.text).toContain(
      'attempt 1: engine-crash after 15.0s, exit code 125 in incident 1; log: logs/api-1.log',
    );
  });

  it('tells a failed build, a crash of the engine, and a cancelled build apart', () => {
    const cancelled = { class: 'cancelled' as const, evidence: ['the run was cancelled (SIGINT)'] };
    const run = journal(['good', 'broken', 'crashed', 'cancelled', 'unfinished'])
      .starts(0, 'good')
      .builds(1, 'good')
      .starts(0, 'broken')
      .fails(1, 'broken', BROKEN)
      .givesUp(1, 'broken', BROKEN)
      .starts(0, 'crashed')
      .fails(1, 'crashed', CRASH)
      .givesUp(1, 'crashed', CRASH)
      .givesUp(1, 'cancelled', cancelled, 'cancelled')
      .starts(1, 'unfinished');
    expect(problems(run)).toEqual([
      ['good', undefined],
      ['broken', 'failure'],
      ['crashed', 'error'],
      ['cancelled', 'skipped'],
      ['unfinished', 'error'],
    ]);
    expect(junit(run).attributes).toMatchObject({ tests: '5', failures: '1', errors: '2', skipped: '1' });
  });

  it('gives the evidence and the last output of what failed', () => {
    const [error] = all(junit(lostRun()), 'error');
    expect(error?.attributes).toEqual({
      message: 'engine-crash after 2 attempts: Error: server probably quit: unexpected EOF',
      type: 'engine-crash',
    });
    expect(error?.text).toContain('the server ended while it was building\nexit code 125\nSTEP 3/7: COPY . .');
  });

  it.each(HOSTILE)('is XML with %j in it', (text) => {
    const verdict = { class: 'build-failed' as const, evidence: [text], line: text };
    const run = journal([text]).starts(0, text).fails(1, text, verdict, { tail: text }).givesUp(1, text, verdict);
    expect(all(junit(run), 'testcase')).toHaveLength(1);
  });

  it('is XML whatever a build prints', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }), (name, tail) => {
        const verdict = { class: 'build-failed' as const, evidence: [tail], line: `]]>${tail}` };
        const run = journal([name])
          .starts(0, name)
          .fails(1, name, verdict, { tail: `${tail}\u0000\ud800` });
        junit(run.givesUp(1, name, verdict));
      }),
    );
  });
});
