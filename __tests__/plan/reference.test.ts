import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isReference } from '../../src/plan/reference.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('isReference', () => {
  it.each([
    ['a name', 'api'],
    ['a name and a tag', 'api:e2e'],
    ['a path', 'team/sub/api:1.2.3'],
    ['a host', 'registry.example.com/api'],
    ['a host with a port', 'localhost:5000/team/api:v1'],
    ['a host with capitals', 'Registry.Example.com/api'],
    ['an IPv6 host', '[::1]:5000/api:v1'],
    ['a digest', `api@${digest}`],
    ['a tag and a digest', `localhost:5000/api:v1@${digest}`],
    ['all separators', 'a.b_c__d-e--f/g'],
    ['a tag that begins with an underscore', 'api:_x'],
    ['a tag of 128 characters', `api:${'x'.repeat(128)}`],
    ['a name that only looks like a port', 'api:5000'],
  ])('takes %s', (_, text) => {
    expect(isReference(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a leading dash', '-t'],
    ['capitals in the name', 'Api:e2e'],
    ['capitals in the path', 'team/Api'],
    ['spaces', 'my api:e2e'],
    ['an emoji', '🚀:e2e'],
    ['a newline at the end', 'api:e2e\n'],
    ['an empty tag', 'api:'],
    ['two tags', 'api:v1:e2e'],
    ['a tag that begins with a dash', 'api:-x'],
    ['a tag of 129 characters', `api:${'x'.repeat(129)}`],
    ['an empty part', 'team//api'],
    ['a slash at the end', 'team/'],
    ['a slash at the start', '/api'],
    ['three underscores', 'a___b'],
    ['two dots', 'a..b'],
    ['a separator at the end', 'api-'],
    ['a short digest', 'api@sha256:abc'],
    ['an empty digest', 'api@'],
    ['a scheme', 'https://example.com/api'],
    ['a host alone with a dash at its end', 'host-:5000/api'],
    ['a name of 256 characters', 'x'.repeat(256)],
    ['513 characters', `${'a/'.repeat(256)}a`],
  ])('refuses %s', (_, text) => {
    expect(isReference(text)).toBe(false);
  });

  it('takes whatever the grammar makes', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
    const host = fc.stringMatching(/^[a-z0-9]{1,8}(?:\.[a-z]{2,5}){0,2}(?::[0-9]{1,5})?$/);
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
    const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.option(host), path, fc.option(tag), fc.boolean(), (host, path, tag, hasDigest) => {
        const text = `${host === null ? '' : `${host}/`}${path}${tag === null ? '' : `:${tag}`}${hasDigest ? `@${digest}` : ''}`;
        expect(isReference(text)).toBe(true);
      }),
    );
  });
});
