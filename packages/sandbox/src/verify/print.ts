import { stripVTControlCharacters } from 'node:util';
import type { CheckResult } from './check-result.ts';

/** One line for a check, a second one with what to do where there is something to do. */
export function checkLines({ check, ok, detail, hint }: CheckResult): string {
  const line = `${ok ? '✅' : '❌'} ${plain(check)}: ${plain(detail)}`;
  return hint === undefined ? line : `${line}\n   ${plain(hint)}`;
}

/** What all checks came to. */
export function verdict(results: readonly CheckResult[]): string {
  const failed = results.filter(({ ok }) => !ok).length;
  return failed === 0 ? 'All ServiceAccounts and Roles verified ✅' : `${failed} of ${results.length} checks failed ❌`;
}

/** Names and reasons are of strangers: they stay on one line and do nothing to a terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
