import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderCatalogue } from '../../src/verdict/catalogue.js';
import { SIGNATURES } from '../../src/verdict/signatures.js';

describe('docs/failures.md', () => {
  it('is what the table of signatures says (npm run docs writes it)', () => {
    expect(readFileSync('docs/failures.md', 'utf8').replaceAll('\r\n', '\n')).toBe(renderCatalogue(SIGNATURES));
  });

  it('has an entry for every signature', () => {
    const page = renderCatalogue(SIGNATURES);
    expect(SIGNATURES.filter(({ id }) => !page.includes(`#### ${id}\n`))).toEqual([]);
  });
});
