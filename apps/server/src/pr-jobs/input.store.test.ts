import { expect } from 'vitest';
import { url } from '../../test/pr-job-app.ts';
import { test } from '../../test/with-pr-jobs.ts';

const jobName = 'pr-job-a-1700000000000';
const wrong: readonly (readonly [what: string, body: object, says: RegExp])[] = [
  ['no name', {}, /name: is missing/],
  ['an empty name', { name: '' }, /name is empty/],
  ['a name that is no DNS label', { name: 'Feature/A' }, /name is not a DNS label/],
  ['a name of 300 characters', { name: 'a'.repeat(300) }, /name has 300 characters. Use at most 42/],
  ['a name that is no text', { name: 12 }, /name: must be a text/],
  ['an unknown action', { action: 'destroy', name: 'a' }, /action: must be create, status or cleanup/],
  ['a status without a job', { action: 'status', name: 'a' }, /jobName: is missing/],
  ['a cleanup of one job', { action: 'cleanup', name: 'a', jobName }, /jobName: is for status only/],
  ['an image for a cleanup', { action: 'cleanup', name: 'a', image: 'docker' }, /image: is for create only/],
  ['a namespace that is none', { name: 'a', namespace: 'a/b' }, /namespace is not a DNS label/],
  ['an image that is none', { name: 'a', image: 'https://docker' }, /image is a URL/],
  ['an unknown profile', { name: 'a', profile: 'root' }, /profile: /],
  ['an unknown field', { name: 'a', namspace: 'b' }, /namspace/],
  ['a name with a NUL', { name: 'a\0b' }, /name is not a DNS label/],
  ['a list', [], /expected object/],
];

test('each wrong body is 400 with what is wrong with it, without details, and nothing is made', async ({ app, ci }) => {
  for (const [what, body, says] of wrong) {
    const { status, body: answer } = await ci.post(body);
    expect(status, what).toBe(400);
    expect(answer.error, what).toMatch(says);
    expect(answer, what).not.toHaveProperty('details');
  }
  expect(app.jobs()).toEqual([]);
  expect(await app.server.database.db.selectFrom('prJobEvents').selectAll().execute()).toEqual([]);
});

test('several problems are told at once', async ({ ci }) => {
  const { body } = await ci.post({ name: 'A', namespace: 'B', image: ' ' });
  for (const field of ['name', 'namespace', 'image']) expect(body.error).toContain(`- ${field} `);
});

test('a body that is no JSON is 400, one of another type 415, one that is too large 413', async ({ app }) => {
  const { server } = app;
  const post = async (payload: string, type: string) => {
    const headers = { authorization: server.authorization, 'content-type': type };
    const answer = await server.app.inject({ method: 'POST', url, payload, headers });
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
  };
  const json = 'application/json';
  for (const text of ['{', '', 'name=a'])
    expect(await post(text, json)).toMatchObject({ status: 400, body: { error: 'The body is no JSON.' } });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/yaml'])
    expect(await post('{"name":"a"}', type)).toMatchObject({ status: 415, body: { code: 'request.media_type' } });
  const large = await post(JSON.stringify({ name: 'a'.repeat(70_000) }), json);
  expect(large).toMatchObject({ status: 413, body: { code: 'request.too_large' } });
  expect(large.body).not.toHaveProperty('details');
});

test('without a token everything is 401 with a challenge, before the body is read', async ({ app }) => {
  for (const [method, address] of [
    ['POST', url],
    ['PUT', url],
    ['GET', `${url}/${jobName}/logs`],
    ['GET', `${url}/events?name=a`],
  ] as const) {
    const answer = await app.server.app.inject({ method, url: address });
    expect(answer.statusCode, address).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="ephemera"');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'token.missing' });
    expect(JSON.parse(answer.body)).not.toHaveProperty('details');
  }
});

test('another method is 405, and the answer says which there is', async ({ app }) => {
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    const headers = { authorization: app.server.authorization, 'content-type': 'text/odd' };
    const answer = await app.server.app.inject({ method, url, headers, payload: 'x' });
    expect(`${method} ${answer.statusCode}`).toBe(`${method} 405`);
    expect(answer.headers['allow']).toBe('POST');
  }
});

test('logs and events say what is wrong with their query', async ({ ci }) => {
  for (const [address, says] of [
    [`${url}/Not_A_Job/logs`, 'jobName is not a DNS label'],
    [`${url}/${jobName}/logs?follow=yes`, 'follow'],
    [`${url}/${jobName}/logs?tail=-1`, 'tail: must be a number of lines'],
    [`${url}/${jobName}/logs?name=A`, 'name is not a DNS label'],
    [`${url}/${jobName}/logs?lines=3`, 'lines'],
    [`${url}/events`, 'name'],
    [`${url}/events?name=a&before=0`, 'before: must be the id of an event'],
  ] as const) {
    const { status, body } = await ci.get(address);
    expect(status, address).toBe(400);
    expect(body.error, address).toContain(says);
  }
  expect(await ci.get(`${url}/${jobName}/logs`)).toMatchObject({ status: 404, body: { code: 'pr_job.not_found' } });
});
