import type { ReportData } from '../src/report/html/report-data.js';
import { byId, facts, make } from './elements.js';

const MOST_WARNINGS = 200;

/** The page's title, the facts of the run, and its warnings. */
export function showHead(data: ReportData): void {
  document.title = `${data.title} - build report`;
  byId('title').textContent = data.title;
  byId('result').classList.add(`result-${/^\w+$/.test(data.result) ? data.result : 'other'}`);
  byId('facts').append(facts(data.facts));
  byId('warnings').hidden = data.warnings.length === 0;
  const shown = data.warnings.slice(0, MOST_WARNINGS);
  const left = data.warnings.length - shown.length;
  if (left > 0) shown.push(`${left} more are in report.json.`);
  byId('warnings-list').append(...shown.map((warning) => make('li', {}, warning)));
}
