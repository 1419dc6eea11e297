import { expect, test } from 'vitest';
import { daemonConfig } from './daemon-config.ts';

test('the registry is spoken to in plain HTTP, also for images of Docker Hub', () => {
  expect(daemonConfig('10.0.0.2:5000')).toBe(
    '[registry."docker.io"]\n  mirrors = ["10.0.0.2:5000"]\n[registry."10.0.0.2:5000"]\n  http = true\n',
  );
});
