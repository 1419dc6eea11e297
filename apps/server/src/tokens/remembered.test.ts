import { expect, test } from 'vitest';
import type { Caller } from './caller.ts';
import { TokenRevoked } from './errors.ts';
import { createRemembered } from './remembered.ts';

const caller: Caller = {
  name: 'token prometheus',
  account: 'token:1',
  images: undefined,
  scopes: ['environments:read'],
  repositoryIds: undefined,
  namespaces: undefined,
};
const good = async () => caller;
const away = async () => Promise.reject(new Error('connect ECONNREFUSED'));
const revoked = async () => Promise.reject(new TokenRevoked({ name: 'prometheus' }));

test('a token that was good is good for five minutes more without an answer, and no longer', async () => {
  let now = 0;
  const ask = createRemembered(() => now);
  await expect(ask('Bearer a', away)).rejects.toThrow('ECONNREFUSED');
  await ask('Bearer a', good);
  now = 299_999;
  expect(await ask('Bearer a', away)).toBe(caller);
  await expect(ask('Bearer b', away)).rejects.toThrow('ECONNREFUSED');
  now = 300_000;
  await expect(ask('Bearer a', away)).rejects.toThrow('ECONNREFUSED');
});

test('what the database refuses is refused, also afterwards', async () => {
  const ask = createRemembered();
  await ask('Bearer a', good);
  await expect(ask('Bearer a', revoked)).rejects.toMatchObject({ code: 'token.revoked' });
  await expect(ask('Bearer a', away)).rejects.toThrow('ECONNREFUSED');
});

test('a token that ends by itself within minutes is not remembered, and pushes out none that is', async () => {
  const ask = createRemembered();
  const once = { issuer: 'https://issuer.example', jti: '1', expiresAt: new Date() };
  await ask('Bearer a', good);
  for (let number = 0; number <= 20; number += 1)
    expect(await ask(`Bearer x.y.${number}`, async () => ({ ...caller, once }))).toMatchObject({ once });
  await expect(ask('Bearer x.y.0', away)).rejects.toThrow('ECONNREFUSED');
  expect(await ask('Bearer a', away)).toBe(caller);
});

test('only the last twenty are remembered', async () => {
  const ask = createRemembered();
  for (let number = 0; number <= 20; number += 1) await ask(`Bearer ${number}`, good);
  await expect(ask('Bearer 0', away)).rejects.toThrow('ECONNREFUSED');
  expect(await ask('Bearer 1', away)).toBe(caller);
});
