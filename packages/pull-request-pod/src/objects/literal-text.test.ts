import { expect, test } from 'vitest';
import { literalText } from './literal-text.ts';
import { scripts } from './script.ts';

/** What a kubelet makes of a text: `$$` is `$`, `$(NAME)` is the variable if there is one. */
function expanded(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? found),
  );
}

test.each(['$(TOKEN)', '$$(TOKEN)', '$$$(TOKEN)', '$$', '$', 'a$', '$TOKEN', '${TOKEN}', '$(', '$(TOKEN', '', 'plain'])(
  'a kubelet leaves %j as it is',
  (text) => expect(expanded(literalText(text), { TOKEN: 'hunter2' })).toBe(text),
);

test.each(Object.entries(scripts))('a kubelet leaves the script %s as it is', (_, script) => {
  expect(expanded(literalText(script), { 'mktemp -d': 'nothing', 'pwd -P': 'nothing' })).toBe(script);
  // So that what stands here is needed.
  expect(script).toContain('$(mktemp -d)');
});
