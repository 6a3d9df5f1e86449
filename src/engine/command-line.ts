import { looksSecret } from '../secrets/secret-name.js';
import type { Command } from './engine.js';

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** The command as one line to paste into a shell; the values of build-args with secret-looking names are masked. */
export function formatCommand(command: Command): string {
  const words = [command.file, ...command.args.map((word, index) => mask(word, command.args[index - 1]))];
  const env = Object.entries(command.env).map(([key, value]) => `${key}=${quote(value)}`);
  return [...env, ...words.map(quote)].join(' ');
}

function mask(word: string, flag: string | undefined): string {
  if (flag !== '--build-arg') return word;
  const equals = word.indexOf('=');
  if (equals < 0 || !looksSecret(word.slice(0, equals))) return word;
  return `${word.slice(0, equals)}=***`;
}

function quote(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
