export * as githubErrors from './errors.ts';
export { connectGitHub, type ConnectedGitHub } from './github.ts';
export type { Guard } from './guard.ts';
export { convertManifest, type ConvertedApp } from './manifest.ts';
export { isFork, type PullRequest } from './pull-request.ts';
export { isSigned } from './signature.ts';
export type {
  App,
  AppSettings,
  CheckRun,
  CommitStatus,
  GitHub,
  HookDelivery,
  Installation,
  OpenPull,
  RepositoryName,
  RepositoryRef,
  StickyComment,
} from './types.ts';
