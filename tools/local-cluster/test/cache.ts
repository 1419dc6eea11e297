import { homedir } from 'node:os';
import { join } from 'node:path';

/** The tests share the tools with everybody else: building them takes minutes. */
export const cache = process.env['EPHEMERA_CACHE'] ?? join(homedir(), '.cache', 'ephemera');
