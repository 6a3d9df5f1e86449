import { resolve } from 'node:path';
import type { DefinitionEffects, ToolAnswer } from '../../src/inputs/definitions/source.js';
import { diskWith, WORKSPACE } from '../plan/disk.js';

/** Answers by the command that is asked, as one text. */
export type Tools = Readonly<Record<string, { [Key in keyof ToolAnswer]?: ToolAnswer[Key] | undefined }>>;

/** A workspace with these files, and tools that say what they once said; any other is not installed. */
export function worldWith(
  files: Readonly<Record<string, string>>,
  tools: Tools = {},
  environment: Record<string, string> = {},
): DefinitionEffects & { asked: string[] } {
  const texts = new Map(Object.entries(files).map(([path, text]) => [resolve(WORKSPACE, path), text]));
  const asked: string[] = [];
  return {
    workspace: WORKSPACE,
    disk: diskWith(...Object.keys(files)),
    environment,
    read: (path) => ({ text: texts.get(path) ?? '' }),
    ask: async ({ file, args }) => {
      const command = [file, ...args].join(' ').replaceAll(WORKSPACE, '/checkout');
      asked.push(command);
      const answer = tools[command];
      if (answer === undefined) return { stdout: '', stderr: '', failure: `${file} is not installed` };
      const { code = answer.failure === undefined ? 0 : undefined, stdout = '', stderr = '', failure } = answer;
      return { ...(code === undefined ? {} : { code }), stdout, stderr, ...(failure === undefined ? {} : { failure }) };
    },
    asked,
  };
}
