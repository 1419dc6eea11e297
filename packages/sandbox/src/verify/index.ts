/** Whether a cluster is ready for sandboxes. */
export { verifyCommand, type CommandSurroundings } from './command.ts';
