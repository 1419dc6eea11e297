import { expect, test } from 'vitest';
import { imageText } from './image.ts';

const digest = `sha256:${'0'.repeat(64)}`;

test.each([
  [{ repo: 'busybox', tag: '1' }, 'busybox:1'],
  [{ repo: 'registry.example:5000/team/batch', tag: 'v1.2' }, 'registry.example:5000/team/batch:v1.2'],
  [{ repo: `busybox@${digest}` }, `busybox@${digest}`],
  [{ repo: `busybox@${digest}`, tag: 'latest' }, `busybox@${digest}`],
])('%j is the image %s', (image, text) => {
  expect(imageText(image)).toBe(text);
});
