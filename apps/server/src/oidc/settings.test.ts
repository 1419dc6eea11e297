import { expect, test } from 'vitest';
import { readSettings } from '../settings.ts';
import { oidcSettings } from './settings.ts';

test('without an audience no token of GitHub Actions is taken, whatever else is set', () => {
  expect(
    oidcSettings(readSettings({ OIDC_REPOSITORY_IDS: '42', OIDC_ISSUER: 'https://issuer.example' })),
  ).toBeUndefined();
});

test('GitHub is the issuer unless another one is set, and a slash at its end changes nothing', () => {
  expect(oidcSettings(readSettings({ OIDC_AUDIENCE: 'https://ephemera.example' }))).toEqual({
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'https://ephemera.example',
    repositoryIds: [],
    ownerIds: [],
  });
  const other = {
    OIDC_ISSUER: 'https://ghe.example/_services/token/',
    OIDC_REPOSITORY_IDS: '42,43',
    OIDC_OWNER_IDS: '7',
  };
  expect(oidcSettings(readSettings({ OIDC_AUDIENCE: 'ephemera', ...other }))).toEqual({
    issuer: 'https://ghe.example/_services/token',
    audience: 'ephemera',
    repositoryIds: [42, 43],
    ownerIds: [7],
  });
});
