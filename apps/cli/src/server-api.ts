import { messageOf } from '@ephemera/model';
import { BadInput, ServerRefused, ServerUnreachable, TokenRefused } from './errors.ts';

/** An environment as the API shows it, as far as the commands print it. */
export interface EnvironmentView {
  readonly id: number;
  readonly repository_full_name: string;
  readonly pr_number: number;
  readonly pr_title: string | null;
  readonly branch_name: string;
  readonly generation: number;
  readonly commit_sha: string;
  readonly namespace: string;
  readonly environment_url: string;
  readonly status: string;
  readonly held: boolean;
  readonly error_message: string | null;
  readonly created_at: string;
}

export interface EventView {
  readonly id: number;
  readonly at: string;
  readonly kind: 'status' | 'step' | 'note';
  readonly name: string;
  readonly commit_sha: string;
  readonly message: string | null;
}

type Variables = Readonly<Record<string, string | undefined>>;

interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

const timeoutMs = 10_000;
export const defaultServerUrl = 'http://127.0.0.1:3001';

/**
 * Asks a running server's HTTP API: EPHEMERA_URL, with the token EPHEMERA_TOKEN. Throws `server.unreachable`, `server.token_refused` or
 * `server.refused`.
 */
export async function askApi<Answer>(environment: Variables, request: Request): Promise<Answer> {
  const url = serverUrl(environment['EPHEMERA_URL'] || defaultServerUrl);
  const { status, text } = await send(url, environment['EPHEMERA_TOKEN'], request);
  const answer = parse(text);
  if (status >= 200 && status < 300 && answer !== undefined) return answer as Answer;
  const { error, hint } = problemOf(answer);
  const reason = error ?? text.slice(0, 200);
  if (status === 401) throw new TokenRefused({ url, reason });
  throw new ServerRefused({ url, status, reason, hint });
}

/** GET. */
export async function readApi<Answer>(environment: Variables, path: string): Promise<Answer> {
  return askApi<Answer>(environment, { path });
}

async function send(
  url: string,
  token: string | undefined,
  { method = 'GET', path, body }: Request,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${printable(token)}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ServerUnreachable({ url, problem: messageOf(cause) }, { cause: error });
  }
}

/** What no header can hold would be refused with a text that repeats it. */
function printable(token: string): string {
  if (/^[!-~]+$/.test(token)) return token;
  throw new BadInput({
    problem: 'EPHEMERA_TOKEN has characters that no token has.',
    hint: 'It is one word that begins with eph_, as `npx ephemera token create` prints it.',
  });
}

function serverUrl(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text)) {
    throw new BadInput({
      problem: `EPHEMERA_URL is ${text}, which is no URL.`,
      hint: `For example EPHEMERA_URL=${defaultServerUrl}`,
    });
  }
  return text.replace(/\/+$/, '');
}

function problemOf(answer: unknown): { error: string | undefined; hint: string | undefined } {
  const fields = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { error: textOf(fields['error']), hint: textOf(fields['hint']) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
