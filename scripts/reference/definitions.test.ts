import { expect, test } from 'vitest';
import { readDefinitions } from './definitions.ts';

const read = (source: string) => readDefinitions('errors.ts', source);

test('code, sentence, hint and whether trying again helps are read from a declaration', () => {
  const source = `
    export const QuotaExceeded = defineError<{ what: string; reason: string }>({
      code: 'kube.quota_exceeded',
      retryable: false,
      message: ({ what, reason }) => \`\${what} does not fit: \${reason}\`,
      hint: 'Raise QUOTA_PODS, or ask for less.',
    });`;
  expect(read(source)).toEqual([
    {
      code: 'kube.quota_exceeded',
      retryable: false,
      message: '‹what› does not fit: ‹reason›',
      hint: 'Raise QUOTA_PODS, or ask for less.',
    },
  ]);
});

test('a value that is computed shows the name that it is computed from', () => {
  const source = `defineError({ code: 'a.b', retryable: true,
    message: ({ ms, all }: { ms: number; all: string[] }) => \`Wait \${Math.ceil(ms / 1000)} s:\\n\${all.map((one) => \`- \${one}\`).join(', ')}\` })`;
  expect(read(source)).toEqual([{ code: 'a.b', retryable: true, message: 'Wait ‹ms› s:\n‹all›', hint: undefined }]);
});

test('a text of the file, a choice and a fallback are written out', () => {
  const source = `const elsewhere = 'Use --context.';
    defineError({ code: 'a.b', retryable: false, message: () => 'No.', hint: \`Or: \${elsewhere}\` });
    defineError({ code: 'a.c', retryable: false, message: ({ state }) => state === 'x' ? 'It: is over.' : 'Go on.' });
    defineError({ code: 'a.d', retryable: false, message: ({ problem }) => problem, hint: ({ hint }) => hint ?? 'Add --help.' });`;
  expect(read(source).map(({ message, hint }) => [message, hint])).toEqual([
    ['No.', 'Or: Use --context.'],
    ['It: is over. Or: Go on.', undefined],
    ['‹problem›', '‹hint› Or: Add --help.'],
  ]);
});

test('what is not understood is a problem, not a page that is wrong', () => {
  expect(() => read(`defineError({ code: 'a.b', retryable: true, message: sentence() })`)).toThrow('not understood');
  expect(() => read(`defineError({ code: 'a.b', retryable: true })`)).toThrow('has no message');
});
