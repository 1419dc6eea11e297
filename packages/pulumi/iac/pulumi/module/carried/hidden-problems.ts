import { jobErrors, type Problem } from '@ephemera/job/compile';

/**
 * The same error without anything of a value, where that is secret: the paths stay, and what is wrong is not told. A problem and its fix
 * may quote the value, whole, cut or in parts, so removing the value from them would not do. Without the cause, which quotes it too.
 */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof jobErrors.JobInvalid)) return error;
  const { problems: found, more } = error.details as { problems: readonly Problem[]; more?: number };
  const paths = found.map(({ path }) => path);
  const problems = [...new Set(paths)].map((path) => ({ path, value: '(hidden)', problem: PROBLEM, fix: FIX }));
  return new jobErrors.JobInvalid({ problems, ...(more !== undefined && { more }) });
}

const PROBLEM = 'is refused, with what is wrong left out, since the value is secret';
const FIX = 'Check the value by the rules for this field.';
