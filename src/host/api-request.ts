import { get } from 'node:http';
import type { ApiRequest } from '../engine/api.js';
import type { Answer } from '../engine/engine.js';
import type { EventStream } from '../recover/sentinel.js';

/** An image's description is a few kilobytes; whatever sends more is not an engine. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Asks an engine's HTTP API, over a connection of its own; the whole answer must be there within `limitMs`. */
export function askByRequest({ address, path }: ApiRequest, limitMs: number, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (failure: string) => resolve({ stdout: '', stderr: '', failure });
    const limit = AbortSignal.timeout(limitMs);
    const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const request = get({ ...address, path, agent: false, signal: either, headers: { Host: 'd' } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MOST_BYTES) request.destroy(new Error(`the answer is larger than ${MOST_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.once('error', (error) => fail(error.message));
      response.once('end', () => {
        const server = response.headers['server'];
        resolve({
          code: response.statusCode === 200 ? 0 : (response.statusCode ?? 1),
          stdout: Buffer.concat(chunks).toString('utf8'),
          stderr: '',
          ...(typeof server === 'string' ? { server } : {}),
        });
      });
    });
    request.once('error', (error) => fail(limit.aborted ? `no answer within ${limitMs / 1000} s` : error.message));
  });
}

/** Holds a streaming answer open; what it brings is read and dropped. */
export function streamByRequest({ address, path }: ApiRequest): EventStream {
  let close = () => {};
  const ended = new Promise<string>((resolve) => {
    const request = get({ ...address, path, agent: false, headers: { Host: 'd' } }, (response) => {
      response.resume();
      response.once('error', (error) => resolve(error.message));
      response.once('close', () => resolve(response.statusCode === 200 ? '' : `status ${response.statusCode}`));
    });
    request.once('error', (error) => resolve(error.message));
    close = () => request.destroy();
  });
  return { ended, close: () => close() };
}
