import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { INPUT_DEFAULTS } from '../../src/inputs/defaults.js';
import { readInputs } from '../../src/inputs/read.js';

interface Metadata {
  runs: Record<string, string>;
  inputs: Record<string, { description?: string; default?: unknown; required?: boolean }>;
  outputs: Record<string, { description?: string }>;
}

const metadata = parse(readFileSync('action.yml', 'utf8')) as Metadata;

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

  it('requires the images and nothing else', () => {
    const required = Object.keys(metadata.inputs).filter((name) => metadata.inputs[name]?.required);
    expect(required).toEqual(['images']);
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
    expect(metadata.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js' });
  });
});
