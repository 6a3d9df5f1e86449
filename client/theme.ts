/** The colours of the style sheet, for what is drawn on a canvas. */
export interface Theme {
  text: string;
  muted: string;
  line: string;
  row: string;
  surface: string;
  onBar: string;
  incident: string;
  incidentBand: string;
  wait: string;
  accent: string;
  series: readonly string[];
  outcome(outcome: string): string;
  lane(mode: string): string;
  font: string;
}

/** Outcomes that have a colour of their own; all others share one. */
const OUTCOMES = ['success', 'engine-crash', 'build-failed', 'usage-error', 'cancelled', 'skipped', 'unfinished'];
const MODES = ['parallel', 'reduced', 'serial'];

/** Reads the colours that are in force now, dark or light. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const outcomes = new Map(OUTCOMES.map((outcome) => [outcome, read(`outcome-${outcome}`)]));
  const lanes = new Map(MODES.map((mode) => [mode, read(`lane-${mode}`)]));
  const other = read('outcome-other');
  return {
    text: read('text'),
    muted: read('muted'),
    line: read('line'),
    row: read('row'),
    surface: read('surface'),
    onBar: read('on-bar'),
    incident: read('incident'),
    incidentBand: read('incident-band'),
    wait: read('wait'),
    accent: read('accent'),
    series: [read('series-1'), read('series-2'), read('series-3')],
    outcome: (outcome) => outcomes.get(outcome) ?? other,
    lane: (mode) => lanes.get(mode) ?? other,
    font: '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  };
}

/** The class that gives an outcome its colour in the page. */
export function outcomeClass(outcome: string): string {
  return `outcome outcome-${OUTCOMES.includes(outcome) ? outcome : 'other'}`;
}

/** Calls when the reader's preference for dark or light changes. */
export function onThemeChange(listener: () => void): void {
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', listener);
}
