export { createLogger } from './logging/logger.ts';
export { startServer, type RunningServer } from './start.ts';
