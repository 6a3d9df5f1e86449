/**
 * What report.html carries beside its program: everything that it shows, decided already. Times are milliseconds since
 * the run began; every text is plain, on one line unless said otherwise, and still untrusted as HTML.
 */
export interface ReportData {
  title: string;
  result: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  facts: Fact[];
  images: ImageData[];
  incidents: IncidentData[];
  lanes: LaneData[];
  /** The most that the lane ever was. */
  widestLane: number;
  /** When samples were taken. */
  sampledAt: number[];
  charts: ChartData[];
  cleanUps: { at: number; incident?: number; text: string }[];
  warnings: string[];
}

export interface Fact {
  name: string;
  value: string;
}

export interface ImageData {
  name: string;
  tags: string;
  outcome: string;
  /** Of all its attempts together. */
  durationMs: number;
  attempts: AttemptData[];
  waits: WaitData[];
  handOffs: HandOffData[];
  built?: string;
  /** What the outcome does not say: why it was skipped, or that it was built and not handed over. */
  note?: string;
}

export interface AttemptData {
  number: number;
  from: number;
  until: number;
  outcome: string;
  ending: string;
  incident?: number;
  evidence: string[];
  /** The client's own last error line. */
  line?: string;
  command: string;
  usage: Fact[];
  steps: StepData[];
  /** The log file, relative to the report. */
  log?: { name: string; href: string };
  /** The last lines of output. */
  tail?: string;
  /** The tail was left out for lack of space. */
  tailLeftOut?: true;
}

/** One try to hand the image over. */
export interface HandOffData {
  to: string;
  number: number;
  from: number;
  until: number;
  outcome: string;
  /** What came of it. */
  said: string;
  facts: Fact[];
  evidence: string[];
  line?: string;
  /** Of a failed one. */
  command?: string;
  log?: { name: string; href: string };
  tail?: string;
  tailLeftOut?: true;
}

export interface WaitData {
  from: number;
  until: number;
  /** The number of the attempt before it. */
  after?: number;
  why: string;
}

export interface StepData {
  from: number;
  until: number;
  step: string;
  text: string;
  cached?: true;
}

export interface IncidentData {
  number: number;
  from: number;
  /** Until the engine answered, or was given up; the end of the run when neither is known. */
  until: number;
  ending: string;
  evidence: string[];
  inFlight: string[];
  recoveries: string[];
}

export interface LaneData {
  from: number;
  until: number;
  lane: number;
  mode: string;
  why: string;
}

export type Unit = 'percent' | 'bytes' | 'count';

export interface ChartData {
  title: string;
  unit: Unit;
  /** A limit that the axis reaches to at least. */
  most?: number;
  /** One more sentence on what is shown. */
  note?: string;
  /** Times of the values when they are not those of the samples; values then hold until the next. */
  at?: number[];
  series: { name: string; values: (number | null)[] }[];
}
