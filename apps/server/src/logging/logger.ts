import { pino, type DestinationStream, type Logger } from 'pino';
import type { Settings } from '../settings.ts';
import { currentFields } from './context.ts';
import { errorFields } from './error-fields.ts';

/** Headers and values that are secrets wherever they stand; the texts of errors are looked through in `errorFields`. */
const secretNames = ['authorization', 'cookie', 'token', 'password', 'secret', 'privateKey', 'dockerConfigJson'];

/**
 * The server's log: one JSON object a line, with every text escaped as JSON has it, so that nothing a stranger writes can make a line
 * of its own. Default destination: standard output.
 */
export function createLogger(
  { LOG_LEVEL: level }: Pick<Settings, 'LOG_LEVEL'>,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      serializers: { err: errorFields },
      mixin: currentFields,
      redact: {
        paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
    },
    destination,
  );
}
