import { buildApplication, buildRouteMap, text_en } from '@stricli/core';
import { clusterRoutes } from './commands/cluster/routes.ts';
import { databaseRoutes } from './commands/database/routes.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { envRoutes } from './commands/env/routes.ts';
import { fakeGitHubCommand } from './commands/fake-github.ts';
import { jobRoutes } from './commands/job/routes.ts';
import { prJobRoutes } from './commands/pr-job/routes.ts';
import { sandboxRoutes } from './commands/sandbox/routes.ts';
import { sweepCommand } from './commands/sweep.ts';
import { tokenRoutes } from './commands/token/routes.ts';
import { setupRoutes } from './commands/setup/routes.ts';
import { upCommand } from './commands/up.ts';
import { explain } from './errors.ts';
import { exitCodeOf } from './exit-code.ts';

const routes = buildRouteMap({
  routes: {
    demo: demoCommand,
    up: upCommand,
    env: envRoutes,
    sweep: sweepCommand,
    job: jobRoutes,
    'pr-job': prJobRoutes,
    sandbox: sandboxRoutes,
    token: tokenRoutes,
    database: databaseRoutes,
    doctor: doctorCommand,
    setup: setupRoutes,
    cluster: clusterRoutes,
    'fake-github': fakeGitHubCommand,
  },
  docs: { brief: 'Short-lived environments for pull requests, on your own Kubernetes' },
});

/** All commands. What each one does is loaded only when it runs: `cluster status` does not wait for the server's libraries. */
export const app = buildApplication(routes, {
  name: 'ephemera',
  determineExitCode: exitCodeOf,
  scanner: {
    caseStyle: 'allow-kebab-for-camel',
    allowArgumentEscapeSequence: true,
    // With more than 3 it takes `foo` for `logs`.
    distanceOptions: { threshold: 3, weights: { insertion: 1, deletion: 3, substitution: 2, transposition: 0 } },
  },
  documentation: { disableAnsiColor: true },
  localization: {
    text: {
      ...text_en,
      exceptionWhileRunningCommand: (thrown) => explain(thrown),
      commandErrorResult: (error) => explain(error),
    },
  },
});
