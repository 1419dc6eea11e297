import { messageOf } from '@ephemera/model';
import { BadInput, ServerRefused, ServerUnreachable } from './errors.ts';

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
  readonly error_message: string | null;
  readonly created_at: string;
}

export interface EventView {
  readonly id: number;
  readonly at: string;
  readonly kind: 'status' | 'step';
  readonly name: string;
  readonly commit_sha: string;
  readonly message: string | null;
}

const timeoutMs = 10_000;
export const defaultServerUrl = 'http://127.0.0.1:3001';

/** Reads from a running server's HTTP API. */
export async function readApi<Answer>(
  environment: Readonly<Record<string, string | undefined>>,
  path: string,
): Promise<Answer> {
  const url = serverUrl(environment['EPHEMERA_URL'] || defaultServerUrl);
  const token = environment['EPHEMERA_TOKEN'];
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ServerUnreachable({ url, problem: messageOf(cause) }, { cause: error });
  }
  const answer = parse(text);
  if (!response.ok || answer === undefined) {
    const hint = typeof answer === 'object' && answer !== null && 'hint' in answer ? String(answer.hint) : undefined;
    const reason =
      typeof answer === 'object' && answer !== null && 'error' in answer ? String(answer.error) : text.slice(0, 200);
    throw new ServerRefused({ url, status: response.status, reason, hint });
  }
  return answer as Answer;
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
