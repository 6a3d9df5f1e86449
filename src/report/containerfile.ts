import { words } from './step-text.js';

/** An instruction of a Containerfile, and where it stands. */
export interface Instruction {
  /** Line of its keyword, 1 for the first. */
  line: number;
  /** 1 for the first stage; 0 for what stands before it (`ARG`). */
  stage: number;
  /** Its place in its stage, 1 for the `FROM`. */
  place: number;
  /** Its `words`: continuations joined, comments left out, heredocs joined to it. */
  text: string;
  /** The words of its first line alone where heredocs may follow it, as engines print no more of those. */
  heading?: string;
}

/**
 * Reads the instructions of a Containerfile, in their order; none when it cannot be read as one. The parser is loaded
 * when it is first needed: most runs end without a failure.
 */
export async function readInstructions(containerfile: string): Promise<Instruction[]> {
  const { DockerfileParser } = await import('dockerfile-ast');
  try {
    const lines = containerfile.split('\n');
    let stage = 0;
    let place = 0;
    return DockerfileParser.parse(containerfile)
      .getInstructions()
      .map((instruction) => {
        if (instruction.getKeyword() === 'FROM') {
          stage += 1;
          place = 0;
        }
        place += 1;
        const text = words(instruction.toString());
        const line = instruction.getRange().start.line;
        const heading = words(lines[line] ?? '');
        return { line: line + 1, stage, place, text, ...(heading.includes('<<') ? { heading } : {}) };
      });
  } catch {
    // It is made for editors and throws at nothing that is known; a report must not be lost for the want of a line.
    return [];
  }
}
