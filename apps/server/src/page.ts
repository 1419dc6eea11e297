import { html, type Html } from './html.ts';

/** The frame of every page that the server draws itself. No script, nothing from elsewhere. */
export function page({ title, refreshSeconds, body }: { title: string; refreshSeconds?: number; body: Html }): string {
  const refresh =
    refreshSeconds === undefined ? html`` : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${refresh}
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
  return document.text;
}

/** Pages allow nothing but their own style: a text that slips through still cannot run. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const style = html`<style>
  :root {
    color-scheme: light dark;
    --ink: #1c2330;
    --soft: #5c6675;
    --line: #d9dee6;
    --card: #fff;
    --ground: #f4f6f9;
    --accent: #2f6fed;
    --good: #1a8f54;
    --bad: #c8372d;
    --wait: #b7791f;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --ink: #e8ecf2;
      --soft: #9aa5b4;
      --line: #2d3542;
      --card: #171c25;
      --ground: #0f131a;
      --accent: #7aa7ff;
      --good: #4cc38a;
      --bad: #ff7b72;
      --wait: #e3b341;
    }
  }
  * {
    box-sizing: border-box;
  }
  body {
    margin: 0;
    min-height: 100vh;
    display: grid;
    place-items: center;
    padding: 2rem 1rem;
    font:
      16px/1.5 system-ui,
      sans-serif;
    color: var(--ink);
    background: var(--ground);
  }
  main {
    width: 100%;
    max-width: 40rem;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 14px;
    padding: 2rem;
  }
  h1 {
    margin: 0.25rem 0 0.5rem;
    font-size: 1.5rem;
    line-height: 1.25;
    overflow-wrap: anywhere;
  }
  p {
    margin: 0.5rem 0;
    color: var(--soft);
    overflow-wrap: anywhere;
  }
  a {
    color: var(--accent);
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    font-size: 0.85rem;
    font-weight: 600;
  }
  .badge::before {
    content: '';
    width: 0.6rem;
    height: 0.6rem;
    border-radius: 50%;
    background: currentColor;
  }
  .good {
    color: var(--good);
  }
  .bad {
    color: var(--bad);
  }
  .wait {
    color: var(--wait);
  }
  .off {
    color: var(--soft);
  }
  dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 0.4rem 1.25rem;
    margin: 1.5rem 0 0;
    padding-top: 1.25rem;
    border-top: 1px solid var(--line);
  }
  dt {
    color: var(--soft);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  code {
    font:
      0.9em ui-monospace,
      monospace;
  }
  footer {
    margin-top: 1.5rem;
    font-size: 0.85rem;
    color: var(--soft);
  }
</style>`;
