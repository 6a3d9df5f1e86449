import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { INPUT_DEFAULTS } from '../../src/inputs/defaults.js';
import { LOAD_INPUT_DEFAULTS, readLoadInputs } from '../../src/inputs/load.js';
import { readInputs } from '../../src/inputs/read.js';

interface Metadata {
  runs: Record<string, string>;
  inputs: Record<string, { description?: string; default?: unknown; required?: boolean }>;
  outputs: Record<string, { description?: string }>;
}

const metadata = parse(readFileSync('action.yml', 'utf8')) as Metadata;
const load = parse(readFileSync('load/action.yml', 'utf8')) as Metadata;

describe('action.yml', () => {
  it('declares exactly the inputs that the code reads', () => {
    const asked = new Set<string>();
    readInputs((name) => {
      asked.add(name);
      return '';
    });
    expect(Object.keys(metadata.inputs).sort()).toEqual([...asked].sort());
  });

  it('has the defaults that the code has', () => {
    const defaults = Object.entries(metadata.inputs).map(([name, input]) => [name, input.default ?? '']);
    expect(Object.fromEntries(defaults)).toEqual(INPUT_DEFAULTS);
  });

  it('requires nothing, as images may be in files', () => {
    const required = Object.keys(metadata.inputs).filter((name) => metadata.inputs[name]?.required);
    expect(required).toEqual([]);
  });

  it('declares the outputs', () => {
    const names = ['images', 'imageids', 'metadata', 'result', 'mode', 'incidents', 'retries', 'duration-ms', 'report'];
    expect(Object.keys(metadata.outputs)).toEqual(names);
  });

  it('describes every input and output', () => {
    for (const { description } of [...Object.values(metadata.inputs), ...Object.values(metadata.outputs)]) {
      expect(description).toMatch(/\.$/);
    }
  });

  it('runs one bundle as main and post', () => {
    expect(metadata.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/post.js' });
  });
});

describe('load/action.yml', () => {
  it('declares the inputs that the code reads, with the defaults that it has', () => {
    const defaults = Object.entries(load.inputs).map(([name, input]) => [name, input.default ?? '']);
    expect(Object.fromEntries(defaults)).toEqual(LOAD_INPUT_DEFAULTS);
  });

  it('requires the folder and nothing else', () => {
    expect(Object.keys(load.inputs).filter((name) => load.inputs[name]?.required)).toEqual(['path']);
  });

  it('declares the outputs that action.yml declares', () => {
    expect(Object.keys(load.outputs)).toEqual(Object.keys(metadata.outputs));
  });

  it('describes every input and output', () => {
    for (const { description } of [...Object.values(load.inputs), ...Object.values(load.outputs)]) {
      expect(description).toMatch(/\.$/);
    }
  });

  it('runs the same bundle as main and post', () => {
    expect(load.runs).toEqual({ using: 'node24', main: 'index.js', post: 'post.js' });
    for (const file of ['load/index.js', 'load/post.js'])
      expect(readFileSync(file, 'utf8')).toContain("import('../dist/index.js')");
  });
});

describe('the inputs of the action that loads', () => {
  const given = (values: Record<string, string>) => readLoadInputs((name) => values[name] ?? '');

  it('are a folder, what is wanted of it, and how the run goes', () => {
    const { inputs, problems } = given({ path: ' out ', images: 'api, web-*', retries: '1' });
    expect(problems).toEqual([]);
    expect(inputs).toMatchObject({ path: 'out', images: ['api', 'web-*'], run: { retries: 1, images: [] } });
  });

  it('are all reported when they are wrong, and what only builds need is not asked for', () => {
    const { problems } = given({ path: '', retries: 'many', 'build-args': '=', recovery: 'pray' });
    expect(problems.map(({ where }) => where)).toEqual(['path', 'retries', 'recovery']);
  });
});
