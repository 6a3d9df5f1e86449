import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactLine } from '../../src/verdict/redact.js';

describe('redacting a line', () => {
  it.each([
    [
      'a build request of podman',
      'Error: Post "http://d/v4.3.1/libpod/build?buildargs=%7B%22TOKEN%22%3A%22s3cret%22%7D&t=a": EOF',
      'Error: Post "http://d/v4.3.1/libpod/build?…": EOF',
    ],
    [
      'a build request of docker over a socket',
      'error during connect: Post "http://%2Flab%2Fd.sock/v1.41/build?buildargs=s3cret": write: broken pipe',
      'error during connect: Post "http://%2Flab%2Fd.sock/v1.41/build?…": write: broken pipe',
    ],
    [
      'a request path without a host',
      'Error: failed Request: Unable to copy tar file from request body /v4.3.1/libpod/build?dockerfile=%5B%22D%22%5D',
      'Error: failed Request: Unable to copy tar file from request body /v4.3.1/libpod/build?…',
    ],
    [
      'a signed download in an instruction',
      "RUN curl 'https://host/x?sig=abc&e=1' | sh",
      "RUN curl 'https://host/x?…' | sh",
    ],
    ['two URLs', 'http://a/?b http://c/d?e', 'http://a/?… http://c/d?…'],
  ])('hides the query of %s', (_, line, expected) => {
    expect(redactLine(line)).toBe(expected);
  });

  it.each([
    ['a question', 'Is the docker daemon running?'],
    ['a pattern in an instruction', 'building at STEP "RUN ls a?.txt"'],
    ['a URL without a query', 'Get "https://registry.example/v2/": EOF'],
    ['nothing', ''],
  ])('leaves %s alone', (_, line) => {
    expect(redactLine(line)).toBe(line);
  });

  it('is the same when done twice', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(redactLine(redactLine(text))).toBe(redactLine(text))));
  });

  it('lets no build argument through, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const query = new URLSearchParams({ buildargs: `SECRET-MARK${value}` }).toString();
        expect(redactLine(`Error: Post "http://d/v5.0.0/libpod/build?${query}": EOF`)).not.toContain('SECRET-MARK');
      }),
    );
  });
});
