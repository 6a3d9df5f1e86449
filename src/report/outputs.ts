import type { ImageReport, RunReport } from '../journal/run-report.js';
import { imageOutcome } from './outcome.js';
import { imageMs, runMs } from './wall-time.js';

/** The action's outputs by name. JSON is on one line; what an interrupted run did not finish is a failure. */
export function outputsOf(report: RunReport): Record<string, string> {
  const ids = report.images.flatMap((image) => image.built?.id ?? []);
  return {
    images: JSON.stringify(Object.fromEntries(report.images.map((image) => [image.name, imageOutput(image, report)]))),
    imageids: ids.join('\n'),
    metadata: JSON.stringify(Object.fromEntries(report.images.flatMap(metadataOf))),
    result: report.result === 'success' || report.result === 'cancelled' ? report.result : 'failure',
    mode: report.mode,
    incidents: String(report.incidents.length),
    retries: String(report.retries),
    'duration-ms': String(runMs(report)),
    report: report.folder,
  };
}

function imageOutput(image: ImageReport, report: RunReport) {
  const outcome = imageOutcome(image);
  return {
    id: image.built?.id ?? null,
    digest: pushedDigest(image) ?? null,
    tags: image.tags,
    attempts: image.attempts.length,
    'duration-ms': imageMs(image, report),
    // Consumers know the verdicts; an image that the run did not get to end was cancelled, as they see it.
    verdict: outcome === 'unfinished' ? 'cancelled' : outcome,
  };
}

/** Under the keys of docker/bake-action's output (https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file). */
function metadataOf(image: ImageReport): [string, Record<string, string>][] {
  if (image.built === undefined) return [];
  const digest = pushedDigest(image);
  const names = { 'image.name': image.tags.join(',') };
  return [[image.name, digest === undefined ? names : { 'containerimage.digest': digest, ...names }]];
}

/** The digest under which registries have the image; of a list of images, its own. */
function pushedDigest({ handOffs }: ImageReport): string | undefined {
  return handOffs.findLast(({ to, verdict }) => to === 'push' && verdict === undefined)?.digest;
}
