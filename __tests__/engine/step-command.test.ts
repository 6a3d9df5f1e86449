import { describe, expect, it } from '@jest/globals';
import { mayRunInstruction, runsInstruction } from '../../src/engine/step-command.js';

describe('a process of a step', () => {
  it.each<[string, string, string[], boolean]>([
    ['shell form', 'RUN go build ./...', ['/bin/sh', '-c', 'go build  ./...'], true],
    ['shell form with options', 'RUN --mount=type=cache,target=/x go vet', ['/bin/sh', '-c', 'go vet'], true],
    ['exec form', 'RUN ["go", "build"]', ['go', 'build'], true],
    ['one that was cut', 'RUN go build -ldflag…', ['/bin/sh', '-c', 'go build -ldflags=-s'], false],
    ['another command', 'RUN go vet', ['/bin/sh', '-c', 'go build'], false],
    ['one that only begins so', 'RUN go', ['/bin/sh', '-c', 'go build'], false],
    ['another instruction', 'COPY . .', ['/bin/sh', '-c', '. .'], false],
    ['none', '', [], false],
  ])('is told by %s', (_, instruction, args, runs) => {
    expect(runsInstruction(args, instruction)).toBe(runs);
  });

  it.each<[string, string[], boolean]>([
    ['RUN go build -trimpath -ldflag…', ['/bin/sh', '-c', 'go build -trimpath -ldflags=-s'], true],
    ['RUN --mount=type=cache,target=/c go…', ['/bin/sh', '-c', 'go build'], false],
    ['RUN --mount=type=cache,target=/c …', ['/bin/sh', '-c', 'go build'], false],
    ['RUN go vet -x…', ['/bin/sh', '-c', 'go build -ldflags=-s'], false],
    ['RUN go build', ['/bin/sh', '-c', 'go build'], true],
    ['RUN go', ['/bin/sh', '-c', 'go build'], false],
  ])('may be that of %s, which may have been cut', (instruction, args, runs) => {
    expect(mayRunInstruction(args, instruction)).toBe(runs);
  });
});
