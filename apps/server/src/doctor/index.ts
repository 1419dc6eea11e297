export { neededEvents, neededPermissions, placeholderUrl, webhookPath } from '../github-app.ts';
export type { Finding, Progress } from './check.ts';
export { diagnose } from './doctor.ts';
export { defaultProbeImage } from './network/probe.ts';
