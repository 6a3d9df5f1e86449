import { closeSync, openSync, writeSync, writevSync } from 'node:fs';

/** A chatty build prints in small pieces: they are written together, so that its log costs few system calls. */
const GATHER_BYTES = 256 * 1024;
/** A log that somebody follows must not lag behind. */
const FLUSH_EVERY_MS = 200;

/** A log file as it grows. Writes wait for the disk, so that a slow one slows the build down instead of filling memory. */
export interface LogFile {
  write(chunk: Buffer): void;
  close(): void;
}

/** Opens a log; what is there already stays. When the disk is full or the file cannot be made, the log is cut short and the build goes on. */
export function openLog(path: string): LogFile {
  let file = attempt(() => openSync(path, 'a'));
  let gathered: Buffer[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;

  return {
    write(chunk) {
      if (file === undefined) return;
      gathered.push(chunk);
      size += chunk.length;
      if (size >= GATHER_BYTES) flush();
      else timer ??= setTimeout(flush, FLUSH_EVERY_MS);
    },
    close() {
      flush();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const open = file;
    if (open === undefined || size === 0) return;
    const written = attempt(() => writeAll(open, gathered, size));
    gathered = [];
    size = 0;
    if (written !== undefined) return;
    closeSync(open);
    file = undefined;
  }
}

/** Without a copy of all of it; one write may take less than it was given. */
function writeAll(file: number, chunks: Buffer[], size: number): true {
  const written = writevSync(file, chunks);
  if (written === size) return true;
  const rest = Buffer.concat(chunks, size).subarray(written);
  for (let at = 0; at < rest.length; ) at += writeSync(file, rest, at);
  return true;
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
