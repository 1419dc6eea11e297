import { neededEvents, neededPermissions } from '@ephemera/server/doctor';

const style =
  'body{font:16px/1.5 system-ui;max-width:40em;margin:3em auto;padding:0 1em}button{font:inherit;padding:.5em 1em}';

/** What is asked for, and a button that carries the manifest to GitHub. Pure. */
export function startPage(action: string, manifest: object): string {
  const rights = Object.entries(neededPermissions).map(
    ([right, { level, because }]) => `<li><code>${right}</code>: ${level}, for ${escape(because)}</li>`,
  );
  return page(
    'Make the GitHub App',
    `<p>GitHub shows the App once more, and asks you to confirm it. It asks for these rights and no others:</p>
<ul>${rights.join('')}</ul>
<p>Events: ${neededEvents.map((event) => `<code>${event}</code>`).join(', ')}.</p>
<form method="post" action="${escape(action)}">
<input type="hidden" name="manifest" value="${escape(JSON.stringify(manifest))}">
<button>Continue on GitHub</button>
</form>`,
  );
}

export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escape(text)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style></head>
<body><h1>${escape(title)}</h1>
${body}
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
