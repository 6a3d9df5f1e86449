/** What mermaid's gantt grammar makes of the lines that we write, and nothing else that it knows. */
const HEAD = [
  /^%%\{init: \{"gantt": \{"leftPadding": \d+\}\}\}%%$/,
  /^gantt$/,
  /^ {2}title [^#;:%\n]+$/,
  /^ {2}dateFormat x$/,
  /^ {2}axisFormat (?:%M:%S|%s s)$/,
  /^ {2}todayMarker off$/,
];
const SECTION = /^ {2}section ([^#:;%{}<>"'`\n]*\S)$/;
/** The text of a task begins with a word of ours, as one such as `click` or `title` would be a keyword. */
const TASK =
  /^ {4}((?:attempt|hand-off|waits|step|image|incident|recovery|engine|at most) [^#:;%{}<>"'`\n]+) :((?:(?:done|crit|active|milestone), )*)(\d+), (\d+)$/;

export interface Task {
  section: string;
  text: string;
  tags: string[];
  from: number;
  until: number;
}

/** Reads a diagram; throws on a line that mermaid could take for anything but what it is meant to be. */
export function readGantt(diagram: string): { title: string; tasks: Task[] } {
  const lines = diagram.trimEnd().split('\n');
  HEAD.forEach((pattern, index) => {
    if (!pattern.test(lines[index] ?? '')) throw new Error(`line ${index + 1} of the diagram: ${lines[index]}`);
  });
  const sections = new Set<string>();
  const tasks: Task[] = [];
  let section = '';
  for (const line of lines.slice(HEAD.length)) {
    const name = SECTION.exec(line)?.[1];
    if (name !== undefined) {
      if (sections.has(name)) throw new Error(`two sections are named ${name}`);
      sections.add(name);
      section = name;
      continue;
    }
    const [, text = '', tags = '', from, until] = TASK.exec(line) ?? [];
    if (from === undefined || section === '') throw new Error(`a line of the diagram: ${line}`);
    tasks.push({ section, text, tags: tags.split(', ').filter(Boolean), from: Number(from), until: Number(until) });
  }
  return { title: (lines[2] ?? '').trim().slice('title '.length), tasks };
}
