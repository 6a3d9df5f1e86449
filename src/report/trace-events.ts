/**
 * Events of the Trace Event Format (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU);
 * times are microseconds since the run began.
 */
export interface TraceEvent {
  name: string;
  /** `X`: a slice; `i`: an instant; `C`: a counter; `M`: a name for a process or a thread. */
  ph: 'X' | 'i' | 'C' | 'M';
  pid: number;
  tid?: number;
  ts?: number;
  dur?: number;
  /** `g`: an instant of the whole trace. */
  s?: 'g';
  cat?: string;
  args: Record<string, unknown>;
}

/** Makes the events of one process of a trace; times are given in milliseconds since the epoch. */
export function traceProcess(pid: number, startedAt: number) {
  const micros = (at: number) => Math.round((at - startedAt) * 1000);
  return {
    process: (name: string, order: number): TraceEvent[] => [
      { name: 'process_name', ph: 'M', pid, args: { name } },
      { name: 'process_sort_index', ph: 'M', pid, args: { sort_index: order } },
    ],
    thread: (tid: number, name: string): TraceEvent => ({ name: 'thread_name', ph: 'M', pid, tid, args: { name } }),
    slice: (tid: number, name: string, from: number, until: number, args: Record<string, unknown>): TraceEvent => ({
      name,
      ph: 'X',
      cat: 'build',
      pid,
      tid,
      ts: micros(from),
      dur: Math.max(0, micros(until) - micros(from)),
      args,
    }),
    instant: (tid: number, name: string, at: number, args: Record<string, unknown>): TraceEvent => ({
      name,
      ph: 'i',
      cat: 'incident',
      s: 'g',
      pid,
      tid,
      ts: micros(at),
      args,
    }),
    counter: (name: string, at: number, values: Record<string, number>): TraceEvent => ({
      name,
      ph: 'C',
      pid,
      ts: micros(at),
      args: values,
    }),
  };
}
