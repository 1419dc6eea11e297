export * as githubErrors from './errors.ts';
export { connectGitHub, type CommitStatus, type GitHub, type RepositoryRef } from './github.ts';
export { isFork, type PullRequest } from './pull-request.ts';
export { isSigned } from './signature.ts';
