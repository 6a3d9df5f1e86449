import type { Problem } from '../inputs.js';
import type { DefinitionEffects, DefinitionText, ToolQuestion } from './source.js';
import { withoutValues } from './unshown.js';

const RESOLVE_LIMIT_MS = 30_000;

/** Asks a tool to resolve files: what it printed and a notice of it, or the problem that it has with them. */
export async function askTool(
  { name, where, files, file, args }: ToolQuestion & { name: string; where: string; files: readonly DefinitionText[] },
  { ask, environment }: DefinitionEffects,
): Promise<{ stdout?: string; problems: Problem[]; notices: string[] }> {
  const command = [file, ...args].join(' ');
  const paths = files.map((text) => text.path).join(', ');
  const { code, stdout, stderr, failure } = await ask({ file, args }, RESOLVE_LIMIT_MS);
  if (code === 0) return { stdout, problems: [], notices: [`${paths}: resolved by ${name}: ${command}`] };
  const texts = files.map((text) => text.text);
  const said = failure ?? withoutValues(ownWords(stderr), texts, environment);
  const seen = said === '' ? `exit code ${code}` : said;
  const hint = `${name} refuses it; see for yourself: ${command}`;
  return { problems: [{ where, seen, expected: `a definition that ${name} resolves`, hint }], notices: [] };
}

/**
 * The line in which a tool says what is wrong; others may quote the file. buildx marks it, Docker Compose begins with it but
 * for warnings, and podman-compose is a Python program, whose traces end with it.
 */
function ownWords(stderr: string): string {
  const lines = stderr
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^time=.* level=(?!error|fatal)/.test(line));
  const marked = lines.find((line) => /^ERROR: /.test(line));
  const isTrace = lines.some((line) => line.startsWith('Traceback '));
  return (marked ?? (isTrace ? lines.at(-1) : lines[0]) ?? '').trim();
}
